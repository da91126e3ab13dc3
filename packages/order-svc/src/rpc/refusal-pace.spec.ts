import { expect, it } from 'vitest';
import { createRefusalPace } from './refusal-pace.js';

it('lets streams go on at once while few orders are refused', () => {
  const pace = createRefusalPace();
  for (let order = 0; order < 199; order += 1) pace.refused();
  expect(pace.turn()).toBeUndefined();
});

it('lets them wait for a later turn of the event loop after that, each until there is room', async () => {
  const pace = createRefusalPace();
  let turns = 0;
  const count = () => {
    turns += 1;
    if (turns < 1_000) setImmediate(count);
  };
  setImmediate(count);
  const seen: number[] = [];
  const stream = async () => {
    for (let message = 0; message < 5; message += 1) {
      await pace.turn();
      seen.push(turns);
      for (let order = 0; order < 1_000; order += 1) pace.refused();
    }
  };
  await Promise.all([stream(), stream(), stream()]);
  turns = 1_000;
  expect(seen).toHaveLength(15);
  // The first three come in one turn; then there is one message in a turn, whoever sent it.
  expect(new Set(seen).size).toBe(13);
});
