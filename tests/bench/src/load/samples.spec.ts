import { expect, it } from 'vitest';
import { Samples } from './samples.js';

it('keeps every value in order, beyond its first room', () => {
  const samples = new Samples();
  for (let value = 0; value < 10_000; value += 1) samples.add(value);
  expect(samples.length).toBe(10_000);
  expect(samples.toArray()[9_999]).toBe(9_999);
  expect(samples.toArray()[4_096]).toBe(4_096);
});
