import type { Logger } from '@txmsg/core';
import { CommitInDoubtError, type Database, type DatabaseClock, isDuplicateKey } from '@txmsg/mysql';
import { fenceTransaction, isFenced } from '../store/markers.js';
import type { OutboxTables } from '../store/tables.js';

/** How one attempt at a local transaction ended. DUPLICATE: some tx_no exists already. */
export type AttemptEnd = 'COMMITTED' | 'FENCED' | 'DUPLICATE' | { readonly failed: unknown };

/** What finding out about an attempt needs. */
export interface AttemptContext {
  readonly database: Database;
  readonly tables: OutboxTables;
  readonly clock: DatabaseClock;
  readonly logger: Logger;
}

/**
 * What an error of a local transaction says of how it ended; undefined when it neither met a key that exists nor left its
 * COMMIT in doubt.
 */
export function endByError(
  context: AttemptContext,
  transactionId: string,
  error: unknown,
): Promise<AttemptEnd> | undefined {
  if (isDuplicateKey(error)) return whichDuplicate(context, transactionId);
  if (error instanceof CommitInDoubtError) return resolveDoubt(context, transactionId, error);
  return undefined;
}

/** The half message may be rolled back: it is certain that the local transaction has not committed, and will not. */
export function hasNotCommitted(end: Exclude<AttemptEnd, 'COMMITTED'>): boolean {
  return typeof end === 'string' || !(end.failed instanceof CommitInDoubtError);
}

/** A key existed: the marker's, since a check has fenced the transaction_id, or that of a transaction. */
async function whichDuplicate(
  { database, tables }: AttemptContext,
  transactionId: string,
): Promise<AttemptEnd> {
  try {
    return (await isFenced(database, tables, transactionId)) ? 'FENCED' : 'DUPLICATE';
  } catch (error) {
    return { failed: error };
  }
}

/** The reply to COMMIT was lost or leaves it open: fencing the id decides. While that can't be had nothing is said to the broker. */
async function resolveDoubt(
  { database, tables, clock, logger }: AttemptContext,
  transactionId: string,
  doubt: CommitInDoubtError,
): Promise<AttemptEnd> {
  try {
    const verdict = await fenceTransaction(database, tables, transactionId, new Date(clock.nowMs()));
    if (verdict === 'UNKNOWN') return { failed: doubt };
    return verdict === 'COMMIT' ? 'COMMITTED' : 'FENCED';
  } catch (error) {
    logger.warn({ err: error, transactionId }, 'commit in doubt; its check-back will decide');
    return { failed: doubt };
  }
}
