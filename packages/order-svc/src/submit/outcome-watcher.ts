import { chunks, type Logger, sleep } from '@txmsg/core';
import type { Database } from '@txmsg/mysql';
import type { Order } from '../domain/order.js';
import { findOrdersByTxNo } from '../store/find-orders.js';

/** Tells when orders are settled, whichever replica settles them. */
export interface OutcomeWatcher {
  /** The order once it is settled; undefined when the signal is aborted, or `run` has ended, first. */
  settled(txNo: string, signal: AbortSignal): Promise<Order | undefined>;
  /** Wakes those who wait for these at once: this replica has settled them. */
  notify(txNos: readonly string[]): void;
  /** Looks in the database, one query for all who wait, until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>;
}

/** Rows that one look reads at most. */
const BATCH = 1_000;

/** Makes a watcher that looks every `pollMs` while somebody waits. */
export function createOutcomeWatcher(database: Database, logger: Logger, pollMs: number): OutcomeWatcher {
  let ended = false;
  const waiting = new Map<string, Set<(order: Order | undefined) => void>>();
  const settle = (order: Order) => {
    if (order.status === 'PENDING') return;
    for (const resolve of waiting.get(order.txNo) ?? []) resolve(order);
    waiting.delete(order.txNo);
  };
  const look = async (txNos: readonly string[]) => {
    for (const batch of chunks(txNos, BATCH)) {
      for (const order of await database.run((db) => findOrdersByTxNo(db, batch))) settle(order);
    }
  };
  const lookSafely = async (txNos: readonly string[]) => {
    try {
      await look(txNos);
    } catch (error) {
      logger.debug({ err: error }, 'look for settled orders failed; the next one follows');
    }
  };
  return {
    settled(txNo, signal) {
      return new Promise((resolve) => {
        if (signal.aborted || ended) return resolve(undefined);
        const waiters = waiting.get(txNo) ?? new Set();
        waiting.set(txNo, waiters);
        const onSettled = (order: Order | undefined) => {
          signal.removeEventListener('abort', onAbort);
          resolve(order);
        };
        const onAbort = () => {
          waiters.delete(onSettled);
          if (waiters.size === 0 && waiting.get(txNo) === waiters) waiting.delete(txNo);
          resolve(undefined);
        };
        waiters.add(onSettled);
        signal.addEventListener('abort', onAbort, { once: true });
      });
    },
    notify(txNos) {
      const waited = txNos.filter((txNo) => waiting.has(txNo));
      if (waited.length > 0) void lookSafely(waited);
    },
    async run(signal) {
      while (!signal.aborted) {
        await sleep(pollMs, signal);
        if (waiting.size > 0) await lookSafely([...waiting.keys()]);
      }
      ended = true;
      for (const waiters of waiting.values()) for (const resolve of waiters) resolve(undefined);
      waiting.clear();
    },
  };
}
