import { backoffDelayMs, sleep } from '@txmsg/core';
import type { Database } from './database.js';
import { isRetryable } from './errors.js';
import type { Queryable } from './held-connection.js';

const BACKOFF = { initialMs: 5, maxMs: 250 };

/** When a transaction is run again. */
export interface TransactAgainOptions {
  /** After this time no new attempt begins, and the last error is thrown. In milliseconds. */
  readonly budgetMs: number;
  /** Errors that say that other transactions were in the way. Default: deadlocks and lock wait timeouts. */
  readonly isContention?: (error: unknown) => boolean;
}

/** Runs a transaction, and repeats it from its start, with backoff, when other transactions were in the way. */
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
