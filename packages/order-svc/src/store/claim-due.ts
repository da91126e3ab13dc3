import type { Queryable } from '@txmsg/mysql';
import { and, asc, eq, inArray, lte, sql } from '@txmsg/mysql/drizzle';
import type { DueTransaction } from '../domain/republication.js';
import { orders, txLog } from './schema.js';

/** Locks due rows in index order, skipping those that another relay's claim holds. */
export async function lockDue(tx: Queryable, now: Date, limit: number): Promise<DueTransaction[]> {
  const rows = await tx
    .select({ txNo: txLog.txNo, createTime: txLog.createTime, relayCount: txLog.relayCount })
    .from(txLog)
    .where(and(eq(txLog.state, 'PENDING'), lte(txLog.nextRelayTime, now)))
    .orderBy(asc(txLog.state), asc(txLog.nextRelayTime))
    .limit(limit)
    .for('update', { skipLocked: true });
  return rows.map(({ createTime, ...row }) => ({ ...row, createTimeMs: createTime.getTime() }));
}

/**
 * Leases rows for a publication: counts it, and makes them due again after a delay that doubles with each publication,
 * within 10 % by chance so that what was claimed together doesn't return together.
 */
export async function leaseRows(
  tx: Queryable,
  txNos: readonly string[],
  now: Date,
  firstMs: number,
  maxMs: number,
): Promise<void> {
  const delayMs = sql`LEAST(${maxMs}, ${firstMs} * POW(2, LEAST(${txLog.relayCount}, 30)))`;
  await tx
    .update(txLog)
    .set({
      // Before the count: assignments are made from left to right.
      nextRelayTime: sql`${now.toISOString().slice(0, 23).replace('T', ' ')} + INTERVAL ROUND(${delayMs} * (0.95 + 0.1 * RAND()) * 1000) MICROSECOND`,
      relayCount: sql`${txLog.relayCount} + 1`,
    })
    .where(inArray(txLog.txNo, [...txNos]));
}

/** Puts rows off until they are `ageMs` old, uncounted. */
export async function postponeRows(tx: Queryable, txNos: readonly string[], ageMs: number): Promise<void> {
  await tx
    .update(txLog)
    .set({ nextRelayTime: sql`${txLog.createTime} + INTERVAL ${Math.round(ageMs * 1000)} MICROSECOND` })
    .where(inArray(txLog.txNo, [...txNos]));
}

/** A transaction's content, for its message. */
export interface ClaimedOrder {
  readonly txNo: string;
  readonly productId: bigint;
  readonly payCount: number;
  readonly createTime: Date;
}

/** Reads the contents of claimed rows. */
export async function readContents(tx: Queryable, txNos: readonly string[]): Promise<ClaimedOrder[]> {
  return tx
    .select({
      txNo: orders.txNo,
      productId: orders.productId,
      payCount: orders.payCount,
      createTime: orders.createTime,
    })
    .from(orders)
    .where(inArray(orders.txNo, [...txNos]));
}
