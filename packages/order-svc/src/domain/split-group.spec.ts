import { describe, expect, it } from 'vitest';
import { splitGroups } from './split-group.js';

const items = (count: number, length: number) =>
  Array.from({ length: count }, (_, i) => ({ txNo: String(i).padEnd(length, 'x') }));
const sizes = (groups: readonly (readonly unknown[])[]) => groups.map((group) => group.length);

describe('splitGroups', () => {
  it('bounds the count', () => {
    expect(sizes(splitGroups(items(25, 8), { maxGroupSize: 10, maxKeyBytes: 10_000 }))).toEqual([10, 10, 5]);
  });

  it('bounds the keys, a separator each', () => {
    expect(sizes(splitGroups(items(5, 9), { maxGroupSize: 10, maxKeyBytes: 20 }))).toEqual([2, 2, 1]);
  });

  it('gives a key that is too long a group of its own, and nothing for nothing', () => {
    expect(sizes(splitGroups(items(2, 64), { maxGroupSize: 10, maxKeyBytes: 20 }))).toEqual([1, 1]);
    expect(splitGroups([], { maxGroupSize: 10, maxKeyBytes: 20 })).toEqual([]);
  });
});
