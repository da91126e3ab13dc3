import { expect, it } from 'vitest';
import { createPacer, nextRate } from './pacer.js';

const limits = { min: 30, max: 300 };

it.each([
  [100, { medianMs: 10, pending: 20 }, 110],
  [295, { medianMs: 10, pending: 20 }, 300],
  [100, { medianMs: 400, pending: 20 }, 80],
  [100, { medianMs: 10, pending: 2_000 }, 80],
  [35, { medianMs: 10, pending: 2_000 }, 30],
  [100, { medianMs: undefined, pending: undefined }, 110],
])('from %d with %j to %d', (rate, load, expected) => {
  expect(nextRate(rate, load, limits)).toBe(expected);
});

it('gives out as many steps as its rate says', async () => {
  const pacer = createPacer({ min: 200, max: 200 });
  const signal = new AbortController().signal;
  const startMs = performance.now();
  for (let step = 0; step < 40; step += 1) await pacer.next(signal);
  expect(performance.now() - startMs).toBeGreaterThan(150);
});

it('stops waiting when it is told to', async () => {
  const pacer = createPacer({ min: 0.01, max: 0.01 });
  await expect(pacer.next(AbortSignal.timeout(20))).rejects.toThrow();
});
