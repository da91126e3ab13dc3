import { expect, it } from 'vitest';
import { fitKeys } from './fit-keys.js';

it('keeps the first keys that fit, and all when all fit', () => {
  expect(fitKeys(['abc', 'def', 'ghi'], 12)).toEqual(['abc', 'def', 'ghi']);
  expect(fitKeys(['abc', 'def', 'ghi'], 11)).toEqual(['abc', 'def']);
  expect(fitKeys(['abc'], 3)).toEqual([]);
  expect(fitKeys([], 3)).toEqual([]);
});
