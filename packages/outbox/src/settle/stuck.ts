import { backoffDelayMs } from '@txmsg/core';
import type { HookFailedError } from './hooks.js';

/** A transaction whose settlement hook fails. */
export interface StuckTransaction {
  readonly txNo: string;
  readonly type: string;
  /** What the hook has thrown, in its own words. */
  readonly error: string;
  /** How often its settlement was tried. */
  readonly attempts: number;
  /** Not tried again before this, in milliseconds since the epoch. */
  readonly nextTryMs: number;
}

interface Entry extends StuckTransaction {
  readonly together: number;
}

/** The transactions that are stuck at this replica. Each replica has its own, and forgets them when it ends. */
export interface Stuck {
  readonly size: number;
  /** True while its backoff lasts. */
  isWaiting(txNo: string, nowMs: number): boolean;
  /** How often this one has failed, and with how many the last time; undefined when it isn't stuck. */
  failureOf(txNo: string): { readonly together: number; readonly attempts: number } | undefined;
  /** Its hook has failed again, with `together` transactions. */
  failed(txNo: string, failure: HookFailedError, together: number, nowMs: number): void;
  /** They are settled, or unknown here. */
  forget(txNos: readonly string[]): void;
  /** The next ones after a tx_no, in the order of their txNos. */
  list(after: string, limit: number): StuckTransaction[];
}

const BACKOFF = { initialMs: 1_000, maxMs: 60_000 };
/** Beyond it those that have been stuck for longest are forgotten, and tried at once when their outcomes come again. */
const MAX_STUCK = 10_000;
const MAX_ERROR_LENGTH = 500;

/** Makes an empty list. */
export function createStuck(): Stuck {
  const stuck = new Map<string, Entry>();
  return {
    get size() {
      return stuck.size;
    },
    isWaiting: (txNo, nowMs) => (stuck.get(txNo)?.nextTryMs ?? 0) > nowMs,
    failureOf(txNo) {
      const entry = stuck.get(txNo);
      return entry && { together: entry.together, attempts: entry.attempts };
    },
    failed(txNo, { type, thrown }, together, nowMs) {
      const attempts = (stuck.get(txNo)?.attempts ?? 0) + 1;
      // Those that may only have stood beside a guilty one come again soon.
      const nextTryMs = nowMs + backoffDelayMs(together === 1 ? attempts : 1, BACKOFF);
      stuck.delete(txNo);
      stuck.set(txNo, { txNo, type, error: textOf(thrown), attempts, nextTryMs, together });
      const [oldest] = stuck.keys();
      if (stuck.size > MAX_STUCK && oldest !== undefined) stuck.delete(oldest);
    },
    forget(txNos) {
      if (stuck.size > 0) for (const txNo of txNos) stuck.delete(txNo);
    },
    list: (after, limit) =>
      [...stuck.values()]
        .filter(({ txNo }) => txNo > after)
        .sort((a, b) => (a.txNo < b.txNo ? -1 : 1))
        .slice(0, limit)
        .map(({ together: _, ...transaction }) => transaction),
  };
}

function textOf(error: unknown): string {
  return (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(
    0,
    MAX_ERROR_LENGTH,
  );
}
