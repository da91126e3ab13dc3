import { expect, it } from 'vitest';
import { createSettleClock } from './settle-clock.js';

it('waits for the orders from before the end of a fault, and for no others', () => {
  const clock = createSettleClock();
  clock.faultEnded(1, 1_000);
  clock.observe(400, 1_100);
  clock.faultEnded(2, 1_200);
  clock.observe(1_000, 1_300);
  expect(clock.times).toEqual([]);
  clock.observe(1_150, 1_500);
  expect(clock.times).toEqual([{ faultId: 1, settleMs: 500 }]);
  expect(clock.waiting).toBe(1);
  clock.observe(undefined, 1_900);
  expect(clock.times).toEqual([
    { faultId: 1, settleMs: 500 },
    { faultId: 2, settleMs: 700 },
  ]);
  expect(clock.waiting).toBe(0);
});

it('takes no observation from before the end of the fault', () => {
  const clock = createSettleClock();
  clock.faultEnded(1, 1_000);
  clock.observe(undefined, 990);
  expect(clock.waiting).toBe(1);
});
