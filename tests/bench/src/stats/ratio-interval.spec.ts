import { describe, expect, it } from 'vitest';
import { ratioInterval } from './ratio-interval.js';

/** Pairs whose logarithmic ratios are these. */
const pairs = (...logs: number[]) => logs.map((log) => [5 * Math.exp(log), 5] as const);

describe('ratioInterval', () => {
  it("is Student's t on the logarithms: ten rounds", () => {
    // mean 0.055, standard error 0.0302765 / sqrt(10), t 2.262
    const { ratio, low, high } = ratioInterval(
      pairs(0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1),
    );
    expect(Math.log(ratio)).toBeCloseTo(0.055, 10);
    expect(Math.log(low)).toBeCloseTo(0.033341, 5);
    expect(Math.log(high)).toBeCloseTo(0.076659, 5);
  });
  it('is wide for two rounds', () => {
    // mean 0.05, standard error 0.05, t 12.706
    const { low, high } = ratioInterval(pairs(0, 0.1));
    expect(Math.log(low)).toBeCloseTo(0.05 - 12.706 * 0.05, 6);
    expect(Math.log(high)).toBeCloseTo(0.05 + 12.706 * 0.05, 6);
  });
  it('is a point when all rounds agree', () => {
    const { ratio, low, high, rounds } = ratioInterval([
      [3, 2],
      [6, 4],
      [9, 6],
    ]);
    for (const value of [ratio, low, high, ...rounds]) expect(value).toBeCloseTo(1.5, 12);
  });
  it('of the inverse ratio is the inverse interval', () => {
    const given = [
      [10, 11],
      [12, 11],
      [9, 10],
    ] as const;
    const there = ratioInterval(given);
    const back = ratioInterval(given.map(([over, under]) => [under, over] as const));
    expect(back.low).toBeCloseTo(1 / there.high, 12);
    expect(back.ratio).toBeCloseTo(1 / there.ratio, 12);
  });
  it('holds the true ratio in about 95 of 100 runs of ten rounds', () => {
    const random = generator(7);
    // The sum of twelve uniform numbers less six is nearly normal.
    const noise = () => Array.from({ length: 12 }, random).reduce((sum, value) => sum + value, -6);
    let held = 0;
    for (let run = 0; run < 2_000; run += 1) {
      const { low, high } = ratioInterval(pairs(...Array.from({ length: 10 }, () => 0.02 + 0.1 * noise())));
      if (low <= Math.exp(0.02) && Math.exp(0.02) <= high) held += 1;
    }
    expect(held / 2_000).toBeGreaterThan(0.935);
    expect(held / 2_000).toBeLessThan(0.965);
  });
  it('keeps to the last quantile for many rounds', () => {
    const logs = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? 0.1 : -0.1));
    const error = Math.sqrt((100 * 0.01) / 99 / 100);
    expect(Math.log(ratioInterval(pairs(...logs)).high)).toBeCloseTo(2.042 * error, 6);
  });
  it('refuses what gives no interval', () => {
    expect(() => ratioInterval([[1, 1]])).toThrow(RangeError);
    expect(() =>
      ratioInterval([
        [1, 1],
        [0, 1],
      ]),
    ).toThrow(RangeError);
    expect(() =>
      ratioInterval([
        [1, 1],
        [1, 0],
      ]),
    ).toThrow(RangeError);
  });
});

/** The same numbers in [0, 1) for the same seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
