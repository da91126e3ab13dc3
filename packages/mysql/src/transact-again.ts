import { backoffDelayMs, sleep } from '@txmsg/core';
import type { Database } from './database.js';
import { isRetryable } from './errors.js';
import type { Queryable } from './held-connection.js';

const BACKOFF = { initialMs: 5, maxMs: 250 };

/** When a transaction is run again. */
export interface TransactAgainOptions {
  /** No new attempt begins when so much time has passed, in milliseconds; the last error is thrown then. */
  readonly budgetMs: number;
  /** Which errors say that others were in the way. Default: deadlocks and lock wait timeouts. */
  readonly isContention?: (error: unknown) => boolean;
}

/** Runs a transaction, and again from its start, with backoff, when others were in the way. */
export async function transactAgain<T>(
  database: Database,
  { budgetMs, isContention = isRetryable }: TransactAgainOptions,
  work: (tx: Queryable) => Promise<T>,
): Promise<T> {
  const giveUpAt = performance.now() + budgetMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await database.transact(work);
    } catch (error) {
      if (!isContention(error) || performance.now() > giveUpAt) throw error;
      await sleep(backoffDelayMs(attempt, BACKOFF));
    }
  }
}
