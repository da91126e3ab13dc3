import { expect, it } from 'vitest';
import { splitGroups } from './split-group.js';

it('cuts into groups of the greatest size, in order, and nothing into none', () => {
  expect(splitGroups([1, 2, 3, 4, 5], { maxGroupSize: 2 })).toEqual([[1, 2], [3, 4], [5]]);
  expect(splitGroups([1, 2], { maxGroupSize: 2 })).toEqual([[1, 2]]);
  expect(splitGroups([], { maxGroupSize: 2 })).toEqual([]);
});
