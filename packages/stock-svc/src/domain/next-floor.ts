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
  return Math.max(floorMs, Math.min(nowMs - retentionMs, reachMs, ...oldestUnsettledMs));
}
