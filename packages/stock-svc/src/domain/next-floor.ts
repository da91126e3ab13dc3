/** What is known when the floor is moved; all times in milliseconds since the epoch. */
export interface FloorFacts {
  readonly floorMs: number;
  /** The database's clock. */
  readonly nowMs: number;
  /** How long transactions are remembered at least. */
  readonly retentionMs: number;
  /** The oldest unsettled create time of each participant ever heard of, by its last report, however old that is. */
  readonly oldestUnsettledMs: readonly number[];
}

/**
 * The time below which transactions may be forgotten. It never goes down; nothing that a participant may still publish
 * is ever below it, so it stays where it is while no participant is known.
 */
export function nextFloor({ floorMs, nowMs, retentionMs, oldestUnsettledMs }: FloorFacts): number {
  if (oldestUnsettledMs.length === 0) return floorMs;
  return Math.max(floorMs, Math.min(nowMs - retentionMs, ...oldestUnsettledMs));
}
