import { expect, it } from 'vitest';
import { DelayFall } from './delay-fall.js';

it('looks once at the start, then only after a longer delay was given out', () => {
  const fall = new DelayFall();
  expect(fall.isBelow(10_000)).toBe(true);
  fall.caughtUp(10_000);
  fall.given(10_000);
  expect(fall.isBelow(10_000)).toBe(false);
  expect(fall.given(60_000)).toBe(60_000);
  expect(fall.isBelow(60_000)).toBe(false);
  expect(fall.isBelow(10_000)).toBe(true);
  fall.caughtUp(10_000);
  expect(fall.isBelow(10_000)).toBe(false);
});
