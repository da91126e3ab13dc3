/** What is known of a participant's unsettled transactions; times in milliseconds since the epoch. */
export interface KnownUnsettled {
  readonly oldestUnsettledMs: number;
  /** When it last reported; undefined when it is known by its messages only. */
  readonly reportMs: number | undefined;
  /** When its first message came; undefined when that wasn't noted. */
  readonly seenMs: number | undefined;
}

/**
 * Whether a participant that never reported still holds the floor. Its name may be a slip of a producer, and no report ever
 * come: after one retention time since its first message nothing waits for it any more.
 */
export function isAwaited(
  { reportMs, seenMs }: KnownUnsettled,
  { nowMs, retentionMs }: Pick<FloorFacts, 'nowMs' | 'retentionMs'>,
): boolean {
  return reportMs === undefined && (seenMs === undefined || seenMs > nowMs - retentionMs);
}

/** What a round may raise the floor beyond the time since the last one, after a standstill. */
const CATCH_UP_MS = 3_600_000;

/** How far a round raises the floor at most, with so much time between two rounds. */
export function maxFloorStepMs(intervalMs: number): number {
  return intervalMs + CATCH_UP_MS;
}

/**
 * How far the floor may rise while a local transaction of so many milliseconds is under way: by a step for each round that
 * begins meanwhile.
 */
export function floorReachMs(intervalMs: number, transactionMs: number): number {
  return (2 + Math.ceil(transactionMs / intervalMs)) * maxFloorStepMs(intervalMs);
}

/** What is known when the floor is moved; all times in milliseconds since the epoch. */
export interface FloorFacts {
  readonly floorMs: number;
  /** The database's clock. */
  readonly nowMs: number;
  /** How long transactions are remembered at least. */
  readonly retentionMs: number;
  /** How far the floor may go at once. */
  readonly maxStepMs: number;
  /** The oldest unsettled create time of each participant ever heard of, by its last report, however old that is. */
  readonly oldestUnsettledMs: readonly number[];
}

/**
 * The time below which transactions may be forgotten. It never goes down; nothing that a participant may still publish
 * is ever below it, so it stays where it is while no participant is known. A clock that jumps ahead takes it one step
 * further at most; only from the epoch, where it begins, does it go anywhere.
 */
export function nextFloor({ floorMs, nowMs, retentionMs, maxStepMs, oldestUnsettledMs }: FloorFacts): number {
  if (oldestUnsettledMs.length === 0) return floorMs;
  const reachMs = floorMs > 0 ? floorMs + maxStepMs : Number.POSITIVE_INFINITY;
  const oldestMs = oldestUnsettledMs.reduce((least, ms) => Math.min(least, ms));
  return Math.max(floorMs, Math.min(nowMs - retentionMs, reachMs, oldestMs));
}
