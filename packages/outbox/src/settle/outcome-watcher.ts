import { chunks, createWaiters, type Logger, sleep, type Waiters } from '@txmsg/core';
import type { Database, Queryable } from '@txmsg/mysql';
import type { Keyed } from '../domain/resolve-duplicates.js';

/** Tells when transactions are settled, whichever replica settles them. */
export interface OutcomeWatcher<Stored> {
  /** The transaction once it is settled; undefined when the signal is aborted, or `run` has ended, first. */
  settled(txNo: string, signal: AbortSignal): Promise<Stored | undefined>;
  /** Wakes those who wait for these at once: this replica has settled them. */
  notify(txNos: readonly string[]): void;
  /** Looks in the database, one query for all who wait, until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>;
}

/** How a watcher looks. */
export interface OutcomeWatcherOptions<Stored> {
  readonly database: Database;
  readonly logger: Logger;
  /** Pause between two looks while somebody waits, in milliseconds. */
  readonly pollMs: number;
  readonly find: (db: Queryable, txNos: readonly string[]) => Promise<readonly Stored[]>;
  readonly isSettled: (stored: Stored) => boolean;
}

/** Those who wait for one transaction, and what they wait for. */
interface Watch<Stored> {
  readonly waiters: Waiters;
  settled?: Stored;
}

/** Rows that one look reads at most. */
const BATCH = 1_000;

/** Makes a watcher. */
export function createOutcomeWatcher<Stored extends Keyed>({
  database,
  logger,
  pollMs,
  find,
  isSettled,
}: OutcomeWatcherOptions<Stored>): OutcomeWatcher<Stored> {
  let ended = false;
  const watched = new Map<string, Watch<Stored>>();
  const look = async (txNos: readonly string[]) => {
    for (const batch of chunks(txNos, BATCH)) {
      for (const stored of await database.run((db) => find(db, batch))) {
        const watch = isSettled(stored) ? watched.get(stored.txNo) : undefined;
        if (!watch) continue;
        watch.settled = stored;
        watch.waiters.wake();
      }
    }
  };
  const lookSafely = async (txNos: readonly string[]) => {
    try {
      await look(txNos);
    } catch (error) {
      logger.debug({ err: error }, 'look for settled transactions failed; the next one follows');
    }
  };
  return {
    async settled(txNo, signal) {
      if (signal.aborted || ended) return undefined;
      const watch = watched.get(txNo) ?? { waiters: createWaiters() };
      watched.set(txNo, watch);
      await watch.waiters.wait(signal);
      if (watch.waiters.size === 0 && watched.get(txNo) === watch) watched.delete(txNo);
      return watch.settled;
    },
    notify(txNos) {
      const waited = txNos.filter((txNo) => watched.has(txNo));
      if (waited.length > 0) void lookSafely(waited);
    },
    async run(signal) {
      while (!signal.aborted) {
        await sleep(pollMs, signal);
        if (watched.size > 0) await lookSafely([...watched.keys()]);
      }
      ended = true;
      for (const { waiters } of watched.values()) waiters.wake();
    },
  };
}
