import { expect, it } from 'vitest';
import { createKeyedTurns } from './keyed-turns.js';

const refuse = () => new Error('refused');

it('lets one caller of a key go on at a time, in the order in which they came, and other keys beside it', async () => {
  const turns = createKeyedTurns<string>({ slots: 1, maxWaiting: 10, waitMs: 5_000, refuse });
  const order: string[] = [];
  let finish: () => void = () => undefined;
  const first = turns(
    'a',
    () =>
      new Promise<void>((resolve) => {
        finish = resolve;
      }),
  );
  const later = ['1', '2', '3'].map((name) => turns('a', async () => void order.push(name)));
  await turns('b', async () => void order.push('b'));
  expect(order).toEqual(['b']);
  finish();
  await Promise.all([first, ...later]);
  expect(order).toEqual(['b', '1', '2', '3']);
});

it('refuses who waits too long, and who comes when too many wait; the others get their turns', async () => {
  const turns = createKeyedTurns<string>({ slots: 1, maxWaiting: 1, waitMs: 20, refuse });
  let finish: () => void = () => undefined;
  const first = turns(
    'a',
    () =>
      new Promise<void>((resolve) => {
        finish = resolve;
      }),
  );
  const second = turns('a', async () => 'never');
  await expect(turns('a', async () => 'never')).rejects.toThrow('refused');
  await expect(second).rejects.toThrow('refused');
  finish();
  await first;
  expect(await turns('a', async () => 'done')).toBe('done');
});

it('refuses all who wait when a failure speaks for them, and takes new ones', async () => {
  const refusesAll = (error: unknown) => error instanceof Error && error.message === 'locked';
  const turns = createKeyedTurns<string>({ slots: 1, maxWaiting: 10, waitMs: 5_000, refuse, refusesAll });
  const first = turns('a', async () => Promise.reject(new Error('locked')));
  const later = [turns('a', async () => 'never'), turns('a', async () => 'never')];
  await expect(first).rejects.toThrow('locked');
  for (const one of later) await expect(one).rejects.toThrow('refused');
  expect(await turns('a', async () => 'done')).toBe('done');
});

it('gives the turn on after a failure', async () => {
  const turns = createKeyedTurns<string>({ slots: 1, maxWaiting: 1, waitMs: 5_000, refuse });
  await expect(turns('a', async () => Promise.reject(new Error('own')))).rejects.toThrow('own');
  expect(await turns('a', async () => 'done')).toBe('done');
});
