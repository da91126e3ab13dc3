import { expect, it } from 'vitest';
import { chunks } from './chunks.js';

it('cuts into pieces of the greatest size, in order, and nothing into none', () => {
  expect(chunks([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
  expect(chunks([1, 2], 2)).toEqual([[1, 2]]);
  expect(chunks([], 2)).toEqual([]);
});
