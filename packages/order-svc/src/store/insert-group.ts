import { isDuplicateKey, type Queryable } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { type GroupRow, logRowsSql, markerSql, orderRowsSql } from './group-sql.js';

/** The transaction_id has a row already: a check has fenced it. */
export class TransactionFencedError extends Error {
  constructor(transactionId: string, cause: unknown) {
    super(`transaction ${transactionId} is fenced`, { cause });
    this.name = 'TransactionFencedError';
  }
}

/**
 * Writes a group: its marker first, then its outbox rows, then its orders.
 *
 * @throws TransactionFencedError when the marker exists; the driver's error 1062 when a tx_no exists
 */
export async function insertGroup(tx: Queryable, group: GroupRow): Promise<void> {
  try {
    await tx.execute(sql.raw(markerSql(group)));
  } catch (error) {
    throw isDuplicateKey(error) ? new TransactionFencedError(group.transactionId, error) : error;
  }
  await tx.execute(sql.raw(logRowsSql(group)));
  await tx.execute(sql.raw(orderRowsSql(group)));
}
