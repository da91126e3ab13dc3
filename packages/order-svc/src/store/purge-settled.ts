import type { Queryable } from '@txmsg/mysql';
import { and, asc, eq, inArray, lt } from '@txmsg/mysql/drizzle';
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
  if (rows.length > 0)
    await tx.delete(txLog).where(
      inArray(
        txLog.txNo,
        rows.map(({ key }) => key),
      ),
    );
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
  if (rows.length > 0)
    await tx.delete(txGroup).where(
      inArray(
        txGroup.transactionId,
        rows.map(({ key }) => key),
      ),
    );
  return rows.length;
}
