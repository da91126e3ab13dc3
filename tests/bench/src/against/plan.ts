import type { BulkJob, UnaryJob } from '../load/jobs.js';
import { CALLERS } from '../plan.js';
import { BULK } from '../sections/throughput.js';

/** How much a comparison measures. Times are in milliseconds. */
export interface AgainstPlan {
  readonly name: 'full' | 'quick';
  /** Each round measures every row twice on every side. */
  readonly rounds: number;
  readonly warmupMs: number;
  /** Duration of the load of one cell. */
  readonly cellMs: number;
  /** Orders placed one at a time in a cell of the row `latency`. */
  readonly latencyOrders: number;
}

/** About 22 minutes on two cores. */
export const AGAINST: AgainstPlan = {
  name: 'full',
  rounds: 10,
  warmupMs: 60_000,
  cellMs: 3_000,
  latencyOrders: 25,
};

/** A look of two to three minutes: too short for a verdict. */
export const AGAINST_QUICK: AgainstPlan = {
  name: 'quick',
  rounds: 2,
  warmupMs: 15_000,
  cellMs: 700,
  latencyOrders: 10,
};

/** The rows of a comparison: callers of SubmitOrder, the bulk stream, and orders one at a time. */
export const AGAINST_ROWS = [...CALLERS.map(String), 'bulk', 'latency'] as const;

/** The load that a row measures, on the hot product, whose stock row every order locks. */
export function loadOf(
  row: string,
  durationMs: number,
): Omit<UnaryJob, 'addresses'> | Omit<BulkJob, 'addresses'> {
  if (row === 'bulk') return { kind: 'bulk', ...BULK, products: 1, durationMs };
  return { kind: 'unary', callers: Number(row), products: 1, durationMs };
}
