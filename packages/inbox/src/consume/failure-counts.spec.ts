import { expect, it } from 'vitest';
import { createFailureCounts } from './failure-counts.js';

it('counts for each message until it is forgotten', () => {
  const counts = createFailureCounts();
  expect([counts.add('a'), counts.add('a'), counts.add('b')]).toEqual([1, 2, 1]);
  counts.forget('a');
  expect([counts.add('a'), counts.add('b')]).toEqual([1, 2]);
});

it('is bounded: the message that failed longest ago goes first', () => {
  const counts = createFailureCounts(2);
  for (const messageId of ['a', 'b', 'a', 'c']) counts.add(messageId);
  expect([counts.add('a'), counts.add('b')]).toEqual([3, 1]);
});
