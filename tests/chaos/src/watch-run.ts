import { setTimeout as sleep } from 'node:timers/promises';
import type { Unsettled } from './observe/order-database-view.js';
import type { SettleClock } from './observe/settle-clock.js';
import type { Pacer } from './workload/pacer.js';

/** What the watch looks at, and what it reports. */
export interface WatchOptions {
  /** Rejects while the database is down. */
  readonly readUnsettled: () => Promise<Unsettled>;
  readonly takeLatencies: () => number[];
  readonly pacer: Pacer;
  readonly settleClock: SettleClock;
  /** Called about every ten seconds. */
  readonly onProgress: (progress: Progress) => void;
}

/** The state of a run. */
export interface Progress {
  readonly rate: number;
  readonly medianMs: number | undefined;
  /** Undefined when it is unknown now. */
  readonly pending: number | undefined;
}

const LOOK_MS = 200;
const ADJUST_MS = 1_000;
const TELL_MS = 10_000;

/**
 * Looks at what is unsettled five times per second, for the settle clock and for the pace, until the signal is aborted.
 */
export async function watchRun(options: WatchOptions, signal: AbortSignal): Promise<void> {
  let adjustedMs = performance.now();
  let toldMs = adjustedMs;
  while (!signal.aborted) {
    const unsettled = await look(options);
    const nowMs = performance.now();
    if (nowMs - adjustedMs >= ADJUST_MS) {
      adjustedMs = nowMs;
      const load = { medianMs: median(options.takeLatencies()), pending: unsettled?.count };
      options.pacer.adjust(load);
      if (nowMs - toldMs >= TELL_MS) {
        toldMs = nowMs;
        options.onProgress({ ...load, rate: options.pacer.rate });
      }
    }
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
  }
}

async function look({ readUnsettled, settleClock }: WatchOptions): Promise<Unsettled | undefined> {
  const atMs = Date.now();
  try {
    const unsettled = await readUnsettled();
    settleClock.observe(unsettled.oldestMs, atMs);
    return unsettled;
  } catch {
    // A fault has stopped the database.
    return undefined;
  }
}

/** The median of the values. Undefined when there are none. */
export function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
