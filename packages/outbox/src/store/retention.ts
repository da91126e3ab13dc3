import { type Queryable, textLiterals } from '@txmsg/mysql';
import { and, asc, eq, lt, sql } from '@txmsg/mysql/drizzle';
import type { OutboxTables } from './tables.js';

/**
 * Deletes up to `limit` settled rows created before a time; rows that others hold are left. The next_relay_time of a settled
 * row is its create time; in rows of an earlier version it is later.
 */
export async function purgeSettled(
  tx: Queryable,
  { log, logName }: OutboxTables,
  before: Date,
  limit: number,
): Promise<number> {
  const rows = await tx
    .select({ key: log.txNo })
    .from(log)
    .where(and(eq(log.state, 'SETTLED'), lt(log.nextRelayTime, before), lt(log.createTime, before)))
    .orderBy(asc(log.state), asc(log.nextRelayTime))
    .limit(limit)
    .for('update', { skipLocked: true });
  await deleteRows(tx, logName, 'tx_no', rows);
  return rows.length;
}

/** Deletes up to `limit` markers created before a time; rows that others hold are left. */
export async function purgeMarkers(
  tx: Queryable,
  { marker, markerName }: OutboxTables,
  before: Date,
  limit: number,
): Promise<number> {
  const rows = await tx
    .select({ key: marker.transactionId })
    .from(marker)
    .where(lt(marker.createTime, before))
    .orderBy(asc(marker.createTime))
    .limit(limit)
    .for('update', { skipLocked: true });
  await deleteRows(tx, markerName, 'transaction_id', rows);
  return rows.length;
}

/** By their key: a DELETE that scans a small table instead waits for every row that others hold. */
async function deleteRows(
  tx: Queryable,
  table: string,
  key: 'tx_no' | 'transaction_id',
  rows: readonly { readonly key: string }[],
): Promise<void> {
  if (rows.length === 0) return;
  // The form with FROM is the one that takes an index.
  const keys = textLiterals(rows.map((row) => row.key));
  await tx.execute(sql.raw(`delete ${table} from ${table} force index (primary) where ${key} in (${keys})`));
}
