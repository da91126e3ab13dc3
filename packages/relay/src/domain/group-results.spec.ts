import { expect, it } from 'vitest';
import { groupResults } from './group-results.js';

it('groups by participant, keeps messages and results together, and takes the shortest lag that can be true', () => {
  const batch = (message: string, participant: string, results: string[], deliveryLagMs?: number) => ({
    message,
    participant,
    results,
    deliveryLagMs,
    consumer: '',
    type: '',
  });
  const day = 24 * 3_600_000;
  const given = [
    batch('m1', 'a', ['1', '2'], 30),
    batch('m2', 'b', ['3']),
    batch('m3', 'a', ['4'], 10),
    batch('m4', 'a', [], -1),
    batch('m5', 'c', [], day),
    batch('m6', 'd', [], day + 1),
  ];
  const grouped = groupResults(given).map(({ batches, consumer: _, type: __, ...group }) => ({
    ...group,
    messages: batches.map(({ message }) => message),
  }));
  expect(grouped).toEqual([
    { participant: 'a', messages: ['m1', 'm3', 'm4'], results: ['1', '2', '4'], deliveryLagMs: 10 },
    { participant: 'b', messages: ['m2'], results: ['3'], deliveryLagMs: undefined },
    { participant: 'c', messages: ['m5'], results: [], deliveryLagMs: day },
    { participant: 'd', messages: ['m6'], results: [], deliveryLagMs: undefined },
  ]);
  expect(groupResults([])).toEqual([]);
});

it('keeps consumers and message types apart, and what came without them', () => {
  const batch = (consumer: string, type: string, result: string) => ({
    message: result,
    participant: 'a',
    results: [result],
    deliveryLagMs: undefined,
    consumer,
    type,
  });
  const given = [
    batch('stock', 'TakeStock', '1'),
    batch('', '', '2'),
    batch('stock', 'ShipOrder', '3'),
    batch('depot', 'TakeStock', '4'),
    batch('stock', 'TakeStock', '5'),
  ];
  const grouped = groupResults(given).map(({ consumer, type, results }) => [consumer, type, ...results]);
  expect(grouped).toEqual([
    ['stock', 'TakeStock', '1', '5'],
    ['', '', '2'],
    ['stock', 'ShipOrder', '3'],
    ['depot', 'TakeStock', '4'],
  ]);
});
