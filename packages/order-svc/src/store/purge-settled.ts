import type { Queryable } from '@txmsg/mysql';
import { and, asc, eq, lt, sql } from '@txmsg/mysql/drizzle';
import { list } from './free-rows.js';
import { txGroup, txLog } from './schema.js';

/**
 * Deletes up to `limit` settled rows of the message log created before a time; rows that others hold are left. A settled
 * row's next_relay_time is its create time; in rows of an earlier version it is later.
 */
export async function purgeSettled(tx: Queryable, before: Date, limit: number): Promise<number> {
  const rows = await tx
    .select({ key: txLog.txNo })
    .from(txLog)
    .where(and(eq(txLog.state, 'SETTLED'), lt(txLog.nextRelayTime, before), lt(txLog.createTime, before)))
    .orderBy(asc(txLog.state), asc(txLog.nextRelayTime))
    .limit(limit)
    .for('update', { skipLocked: true });
  await deleteRows(tx, 'tx_log', 'tx_no', rows);
  return rows.length;
}

/** Deletes up to `limit` group markers created before a time; rows that others hold are left. */
export async function purgeGroups(tx: Queryable, before: Date, limit: number): Promise<number> {
  const rows = await tx
    .select({ key: txGroup.transactionId })
    .from(txGroup)
    .where(lt(txGroup.createTime, before))
    .orderBy(asc(txGroup.createTime))
    .limit(limit)
    .for('update', { skipLocked: true });
  await deleteRows(tx, 'tx_group', 'transaction_id', rows);
  return rows.length;
}

/** By their key: a DELETE that scans a small table instead waits for every row that others hold. */
async function deleteRows(
  tx: Queryable,
  table: 'tx_log' | 'tx_group',
  key: 'tx_no' | 'transaction_id',
  rows: readonly { readonly key: string }[],
): Promise<void> {
  if (rows.length === 0) return;
  // The form with FROM is the one that takes an index.
  const keys = list(rows.map((row) => row.key));
  await tx.execute(sql.raw(`delete ${table} from ${table} force index (primary) where ${key} in (${keys})`));
}
