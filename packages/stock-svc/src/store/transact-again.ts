import type { Database, Queryable } from '@txmsg/mysql';
import { backoffDelayMs, sleep } from '@txmsg/service';
import { failureKind } from './failure-kind.js';

const BACKOFF = { initialMs: 5, maxMs: 250 };

/**
 * Runs a transaction, and runs it again from its start when others were in the way: 1062 (someone has just written one of
 * its keys: now it is found), 1213 and 1205.
 *
 * @param budgetMs no new attempt begins when so much time has passed; the last error is thrown then
 */
export async function transactAgain<T>(
  database: Database,
  budgetMs: number,
  work: (tx: Queryable) => Promise<T>,
): Promise<T> {
  const giveUpAt = performance.now() + budgetMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await database.transact(work);
    } catch (error) {
      if (failureKind(error) !== 'contention' || performance.now() > giveUpAt) throw error;
      await sleep(backoffDelayMs(attempt, BACKOFF));
    }
  }
}
