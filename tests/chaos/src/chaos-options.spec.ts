import { expect, it } from 'vitest';
import { parseChaosOptions, UsageError } from './chaos-options.js';
import { FAULT_NAMES } from './nemesis/fault-kinds.js';

it('has defaults and a seed by chance', () => {
  expect(parseChaosOptions([], () => 0.5)).toEqual({
    minutes: 2,
    seed: 5e8,
    maxRate: 300,
    faults: FAULT_NAMES,
    keep: false,
  });
});

it('takes what is given, also after the dashes that pnpm passes on', () => {
  const args = ['--', '--minutes', '20', '--seed', '7', '--rate', '50', '--keep'];
  expect(parseChaosOptions(args)).toMatchObject({ minutes: 20, seed: 7, maxRate: 50, keep: true });
});

it('takes kinds of faults by their names and by how these begin', () => {
  const { faults } = parseChaosOptions(['--faults', 'poison-text,kill-order*']);
  expect(faults).toEqual(['kill-order-svc', 'kill-order-db', 'poison-text']);
});

it.each([
  ['--faults', 'kill-order'],
  ['--faults', 'nothing*'],
  ['--faults', ''],
  ['--minutes', '0'],
  ['--minutes', 'long'],
  ['--minutes', ''],
  ['--seed', '1.5'],
  ['--seed', '-1'],
  ['--rate', '5'],
  ['--speed', '5'],
])('refuses %s %s', (name, value) => {
  expect(() => parseChaosOptions([name, value])).toThrow(UsageError);
});
