import { expect, it } from 'vitest';
import { createRefusalPace, type StreamPace } from './refusal-pace.js';

/** Counts turns of the event loop until it is stopped. */
function countTurns() {
  const counted = { turns: 0, stopped: false };
  const count = () => {
    counted.turns += 1;
    if (!counted.stopped) setImmediate(count);
  };
  setImmediate(count);
  return counted;
}

/** Sends so many orders that are all refused, in `parts` messages at once. */
async function refuse(stream: StreamPace, orders: number, parts: number, seen: () => void): Promise<void> {
  const message = async () => {
    for (let order = 0; order < orders / parts; order += 1) {
      await undefined;
      const turn = stream.turn();
      if (turn) await turn;
      stream.refused();
      seen();
    }
  };
  await Promise.all(Array.from({ length: parts }, message));
}

it('lets a stream go on at once while few of its orders are refused', () => {
  const stream = createRefusalPace().stream();
  for (let order = 0; order < 9; order += 1) stream.refused();
  expect(stream.turn()).toBeUndefined();
  stream.refused();
  expect(stream.turn()).toBeInstanceOf(Promise);
});

it('never lets a stream wait for the refusals of others', async () => {
  const pace = createRefusalPace();
  const counted = countTurns();
  const refusing = Array.from({ length: 90 }, () => refuse(pace.stream(), 200, 4, () => {}));
  const clean = pace.stream();
  let waited = 0;
  for (; counted.turns < 50; await new Promise(setImmediate)) {
    for (let order = 0; order < 250; order += 1) if (clean.turn()) waited += 1;
  }
  await Promise.all(refusing);
  counted.stopped = true;
  expect(waited).toBe(0);
});

it.each([1, 25])('bounds the refusals of all streams in a turn, with %i messages in each', async (parts) => {
  const pace = createRefusalPace();
  const counted = countTurns();
  const inTurn = new Map<number, number>();
  const seen = () => void inTurn.set(counted.turns, (inTurn.get(counted.turns) ?? 0) + 1);
  await Promise.all(Array.from({ length: 32 }, () => refuse(pace.stream(), 1_000, parts, seen)));
  counted.stopped = true;
  const [first, ...later] = inTurn.values();
  // Each may begin with a share of its own; messages that were let go on together may exceed one.
  expect(first).toBeLessThanOrEqual(32 * (10 + parts));
  expect(Math.max(...later)).toBeLessThanOrEqual(5 * (10 + parts));
});

it('passes streams on one after the other, however many messages each has', async () => {
  const pace = createRefusalPace();
  const counts = Array.from({ length: 30 }, () => 0);
  const refusing = counts.map((_, index) =>
    refuse(pace.stream(), 1_000, index < 29 ? 250 : 1, () => {
      counts[index] = (counts[index] ?? 0) + 1;
    }),
  );
  const counted = countTurns();
  while (counted.turns < 60) await new Promise(setImmediate);
  counted.stopped = true;
  // Six turns for a round of 30 streams: ten rounds.
  expect(counts[29]).toBeGreaterThan(80);
  await Promise.all(refusing);
});
