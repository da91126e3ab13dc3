import { expect, it } from 'vitest';
import { chunks, groupResults } from './group-results.js';

it('groups by participant, keeps messages and results together, and takes the longest lag', () => {
  const batch = (message: string, participant: string, results: string[], deliveryLagMs?: number) => ({
    message,
    participant,
    results,
    deliveryLagMs,
  });
  const given = [batch('m1', 'a', ['1', '2'], 30), batch('m2', 'b', ['3']), batch('m3', 'a', ['4'], 10)];
  expect(groupResults(given)).toEqual([
    { participant: 'a', messages: ['m1', 'm3'], results: ['1', '2', '4'], deliveryLagMs: 30 },
    { participant: 'b', messages: ['m2'], results: ['3'], deliveryLagMs: undefined },
  ]);
  expect(groupResults([])).toEqual([]);
});

it('cuts into chunks', () => {
  expect(chunks([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
  expect(chunks([], 2)).toEqual([]);
});
