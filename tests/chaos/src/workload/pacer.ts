import { setTimeout as sleep } from 'node:timers/promises';

/** What the pace depends on. */
export interface Load {
  /** Median of the last second's answer times. Undefined when there was none. */
  readonly medianMs: number | undefined;
  /** Accepted and unsettled orders. Undefined when the number is unknown now. */
  readonly pending: number | undefined;
}

/** Steps per second. */
export interface PaceLimits {
  readonly min: number;
  readonly max: number;
}

/** Gives out the moments for steps. */
export interface Pacer {
  /** Current steps per second. */
  readonly rate: number;
  /** Waits until the next step is due. Throws the signal's reason when it is aborted. */
  next(signal: AbortSignal): Promise<void>;
  adjust(load: Load): void;
}

const SLOW_MS = 250;
/** A backlog of more than this many seconds is too much for the machine. */
const BACKLOG_SECONDS = 15;
const LONGEST_CATCH_UP_MS = 500;

/** The pace of the next second: a little higher while the machine keeps up, a fifth lower while it doesn't. */
export function nextRate(rate: number, { medianMs, pending }: Load, limits: PaceLimits): number {
  const overloaded = (medianMs ?? 0) > SLOW_MS || (pending ?? 0) > rate * BACKLOG_SECONDS;
  return Math.max(limits.min, Math.min(limits.max, overloaded ? rate * 0.8 : rate + 10));
}

/** Creates a pacer that starts in the middle of its limits. */
export function createPacer(limits: PaceLimits): Pacer {
  let rate = (limits.min + limits.max) / 2;
  let dueMs = performance.now();
  return {
    get rate() {
      return rate;
    },
    adjust(load) {
      rate = nextRate(rate, load, limits);
    },
    async next(signal) {
      const nowMs = performance.now();
      dueMs = Math.max(dueMs + 1_000 / rate, nowMs - LONGEST_CATCH_UP_MS);
      if (dueMs > nowMs) await sleep(dueMs - nowMs, undefined, { signal });
      else signal.throwIfAborted();
    },
  };
}
