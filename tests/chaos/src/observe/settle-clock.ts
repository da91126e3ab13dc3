/** A fault, and the time until everything accepted before its end was settled. */
export interface SettleTime {
  readonly faultId: number;
  readonly settleMs: number;
}

/** Measures the time from the end of each fault until everything accepted before is settled. */
export interface SettleClock {
  /** Reports that a fault has ended. */
  faultEnded(faultId: number, atMs: number): void;
  /** Reports the create time of the oldest unsettled order at `atMs`; undefined when there was none. */
  observe(oldestUnsettledMs: number | undefined, atMs: number): void;
  /** The finished measurements. */
  readonly times: readonly SettleTime[];
  /** Faults after which something is still unsettled. */
  readonly waiting: number;
}

/** Creates the clock. All times are milliseconds since the epoch; databases and chaos run share one machine. */
export function createSettleClock(): SettleClock {
  const times: SettleTime[] = [];
  let waiting: { readonly faultId: number; readonly endMs: number }[] = [];
  return {
    times,
    get waiting() {
      return waiting.length;
    },
    faultEnded: (faultId, endMs) => void waiting.push({ faultId, endMs }),
    observe(oldestUnsettledMs = Number.POSITIVE_INFINITY, atMs) {
      const isDone = ({ endMs }: { readonly endMs: number }) => atMs >= endMs && oldestUnsettledMs > endMs;
      for (const { faultId, endMs } of waiting.filter(isDone))
        times.push({ faultId, settleMs: atMs - endMs });
      waiting = waiting.filter((fault) => !isDone(fault));
    },
  };
}
