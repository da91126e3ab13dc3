import { describe, expect, it } from 'vitest';
import { createSeededRandom } from './seeded-random.js';

const draw = (seed: number | string, count = 50) => {
  const random = createSeededRandom(seed);
  return Array.from({ length: count }, () => random.next());
};

describe('createSeededRandom', () => {
  it('repeats itself for a seed and differs for another', () => {
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  it('spreads evenly', () => {
    const random = createSeededRandom(1);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i += 1) {
      const slot = random.int(0, 9);
      counts[slot] = (counts[slot] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1150);
  });

  it('forks independently of what was drawn before', () => {
    const used = createSeededRandom(3);
    used.next();
    expect(used.fork('a').next()).toBe(createSeededRandom(3).fork('a').next());
    expect(used.fork('a').next()).not.toBe(used.fork('b').next());
  });

  it('shuffles without losing anything', () => {
    const items = Array.from({ length: 30 }, (_, i) => i);
    const shuffled = createSeededRandom(5).shuffle(items);
    expect(shuffled).not.toEqual(items);
    expect(shuffled.toSorted((a, b) => a - b)).toEqual(items);
  });

  it('refuses to pick from nothing', () => {
    expect(() => createSeededRandom(1).pick([])).toThrow(RangeError);
  });
});
