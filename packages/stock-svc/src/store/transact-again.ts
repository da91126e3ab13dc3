import { type Database, type Queryable, transactAgain as transactAgainOn } from '@txmsg/mysql';
import { failureKind } from './failure-kind.js';

const isContention = (error: unknown) => failureKind(error) === 'contention';

/**
 * Runs a transaction, and runs it again from its start when others were in the way: 1062 (someone has just written one of
 * its keys: now it is found), 1213 and 1205.
 *
 * @param budgetMs no new attempt begins when so much time has passed; the last error is thrown then
 */
export function transactAgain<T>(
  database: Database,
  budgetMs: number,
  work: (tx: Queryable) => Promise<T>,
): Promise<T> {
  return transactAgainOn(database, { budgetMs, isContention }, work);
}
