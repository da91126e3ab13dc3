/** What became of a local transaction. UNKNOWN: not decided yet. */
export type Verdict = 'COMMIT' | 'ROLLBACK' | 'UNKNOWN';

/** State of a `tx_group` row; undefined when there is none. */
export type GroupState = 'LIVE' | 'FENCED' | undefined;

/** What a check does about a transaction_id: answers, or fences it first and reads again. */
export type CheckDecision = Verdict | 'FENCE';

/** Ages in milliseconds that decide about a transaction of which there is no row. */
export interface VerdictLimits {
  /** Younger than this it may still commit: UNKNOWN. */
  readonly fenceMs: number;
  /** Older than this its row may have been purged: ROLLBACK, and nothing is written. */
  readonly retentionMs: number;
}

/**
 * The verdict on a transaction_id from what the database holds (I6 of docs/design.md).
 *
 * @param ageMs database time minus the time stamped on the message; undefined when it has no stamp: never fenced then
 */
export function decideCheck(
  state: GroupState,
  ageMs: number | undefined,
  limits: VerdictLimits,
): CheckDecision {
  if (state === 'LIVE') return 'COMMIT';
  if (state === 'FENCED') return 'ROLLBACK';
  if (ageMs === undefined || ageMs < limits.fenceMs) return 'UNKNOWN';
  return ageMs > limits.retentionMs ? 'ROLLBACK' : 'FENCE';
}
