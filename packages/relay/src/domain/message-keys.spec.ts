import { expect, it } from 'vitest';
import { messageKeys } from './message-keys.js';

it('keeps the first keys that fit, and all when all fit', () => {
  expect(messageKeys(['abc', 'def', 'ghi'], 12)).toEqual(['abc', 'def', 'ghi']);
  expect(messageKeys(['abc', 'def', 'ghi'], 11)).toEqual(['abc', 'def']);
  expect(messageKeys(['abc'], 3)).toEqual([]);
  expect(messageKeys([], 3)).toEqual([]);
});

it('puts the transaction_id first, so that a group of any size is found by it', () => {
  expect(messageKeys(['abc', 'def'], 12, 'tid')).toEqual(['tid', 'abc', 'def']);
  expect(messageKeys(['abc', 'def'], 11, 'tid')).toEqual(['tid', 'abc']);
});
