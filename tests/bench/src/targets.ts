import type { RoundResults } from './stats/round-results.js';
import type { Spread } from './stats/stats.js';

/** The range that a figure should be in. */
export type Goal =
  | { readonly atLeast: number }
  | { readonly atMost: number }
  | { readonly between: readonly [number, number] };

/** A target with its measured value. */
export interface TargetResult {
  /** For people and programs: `>= 0.4`, `<= 280`, `0.8..1.25`. */
  readonly target: string;
  /** The median of the rounds; null when it was not measured. */
  readonly measured: number | null;
  readonly met: boolean;
  readonly min?: number;
  readonly max?: number;
}

interface Target {
  readonly name: string;
  readonly goal: Goal;
  readonly measure: (results: RoundResults) => Spread | undefined;
}

const ratio =
  (over: string, under: string, name = 'settled', underName = name) =>
  (results: RoundResults) =>
    results.ratio([over, name], [under, underName]);
const figure = (cell: string, name: string) => (results: RoundResults) => results.spread(cell, name);

/** The targets of the project, by name. */
export const TARGETS: readonly Target[] = [
  {
    name: 'end to end / empty method, 256 callers',
    goal: { atLeast: 0.4 },
    measure: ratio('hot 256', 'empty 256', 'settled', 'accepted'),
  },
  {
    name: 'end to end / empty method, 1024 callers',
    goal: { atLeast: 0.6 },
    measure: ratio('hot 1024', 'empty 1024', 'settled', 'accepted'),
  },
  { name: 'CPU per order in µs, 256 callers', goal: { atMost: 280 }, measure: figure('hot 256', 'cpu all') },
  {
    name: 'CPU per order in µs, 1024 callers',
    goal: { atMost: 200 },
    measure: figure('hot 1024', 'cpu all'),
  },
  {
    name: 'groups / groups of one, 64 callers',
    goal: { atLeast: 5 },
    measure: ratio('hot 64', 'singles 64'),
  },
  { name: 'bulk, settled orders/s', goal: { atLeast: 20_000 }, measure: figure('hot bulk', 'settled') },
  {
    name: 'bulk accepted / plain mysql2',
    goal: { atLeast: 0.4 },
    measure: ratio('hot bulk', 'mysql2 as hot bulk', 'accepted', 'orders'),
  },
  {
    name: 'submit to stock taken in ms, p50',
    goal: { atMost: 10 },
    measure: figure('one at a time', 'stock taken p50'),
  },
  {
    name: 'submit to stock taken in ms, p99',
    goal: { atMost: 30 },
    measure: figure('one at a time', 'stock taken p99'),
  },
  {
    name: 'SubmitOrder / plain local transaction, p50',
    goal: { atMost: 1.5 },
    measure: ratio('one at a time', 'one at a time', 'submit p50', 'plain transaction p50'),
  },
  {
    name: 'hot product / 1,000 products, 256 callers',
    goal: { between: [0.8, 1.25] },
    measure: ratio('hot 256', 'many 256'),
  },
  {
    name: 'large stock table / small',
    goal: { atLeast: 0.85 },
    measure: ratio('large stock table', 'small tables'),
  },
  { name: 'large logs / empty logs', goal: { atLeast: 0.85 }, measure: ratio('large logs', 'small tables') },
  ...['order-svc', 'relay', 'stock-svc'].map((service) => ({
    name: `heap growth over many orders, ${service}`,
    goal: { atMost: 0.1 },
    measure: figure(`heap ${service}`, 'growth'),
  })),
];

/** Compares the measured values with the targets. */
export function evaluateTargets(
  results: RoundResults,
  targets: readonly Target[] = TARGETS,
): Record<string, TargetResult> {
  return Object.fromEntries(
    targets.map(({ name, goal, measure }) => [name, evaluate(goal, measure(results))]),
  );
}

function evaluate(goal: Goal, spread: Spread | undefined): TargetResult {
  const target = describeGoal(goal);
  if (!spread || Number.isNaN(spread.median)) return { target, measured: null, met: false };
  const { median, min, max } = spread;
  return { target, measured: median, met: isMet(goal, median), min, max };
}

/** True when the value is within the goal, bounds included. */
export function isMet(goal: Goal, value: number): boolean {
  if ('atLeast' in goal) return value >= goal.atLeast;
  if ('atMost' in goal) return value <= goal.atMost;
  return value >= goal.between[0] && value <= goal.between[1];
}

function describeGoal(goal: Goal): string {
  if ('atLeast' in goal) return `>= ${goal.atLeast}`;
  if ('atMost' in goal) return `<= ${goal.atMost}`;
  return `${goal.between[0]}..${goal.between[1]}`;
}
