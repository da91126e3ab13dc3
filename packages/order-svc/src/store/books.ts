import type { MessageType, TakeStock } from '@txmsg/contracts/messages';
import type { Queryable } from '@txmsg/mysql';
import { and, asc, gt, gte, inArray, lt, ne, sql } from '@txmsg/mysql/drizzle';
import type { BookedTotal, BookedTransaction, Books, LedgerRange } from '@txmsg/outbox';
import { orders } from './schema.js';

const OUTCOMES = { PENDING: undefined, CONFIRMED: 'APPLIED', REJECTED: 'REJECTED' } as const;

/** The order side's books for the audit. Orders are never forgotten. */
export function createOrderBooks(takeStock: MessageType<TakeStock>): Books {
  return {
    transactions: (db, range, after, limit) => exportTransactions(takeStock, db, range, after, limit),
    totals: exportTotals,
  };
}

/** Reads the next orders after a tx_no, in the byte order of their txNos. */
async function exportTransactions(
  takeStock: MessageType<TakeStock>,
  db: Queryable,
  { from, to, txNos }: LedgerRange,
  after: string,
  limit: number,
): Promise<BookedTransaction[]> {
  const named = txNos.length > 0;
  const rows = await db
    .select({
      txNo: orders.txNo,
      productId: orders.productId,
      payCount: orders.payCount,
      status: orders.status,
      createTime: orders.createTime,
    })
    .from(orders)
    .where(
      and(
        gt(orders.txNo, after),
        named ? inArray(orders.txNo, [...txNos]) : undefined,
        from && !named ? gte(orders.createTime, from) : undefined,
        to && !named ? lt(orders.createTime, to) : undefined,
      ),
    )
    .orderBy(asc(orders.txNo))
    .limit(limit);
  return rows.map(({ txNo, status, createTime, ...order }) => ({
    txNo,
    content: takeStock.content(order),
    outcome: OUTCOMES[status],
    createTime,
  }));
}

/** Sums the pieces of each product in orders that are not rejected. Reads the whole table. */
async function exportTotals(db: Queryable): Promise<BookedTotal[]> {
  const sum = (status: 'CONFIRMED' | 'PENDING') =>
    sql<string>`SUM(CASE WHEN ${orders.status} = ${status} THEN ${orders.payCount} ELSE 0 END)`;
  const rows = await db
    .select({ productId: orders.productId, confirmed: sum('CONFIRMED'), pending: sum('PENDING') })
    .from(orders)
    .where(ne(orders.status, 'REJECTED'))
    .groupBy(orders.productId)
    .orderBy(asc(orders.productId));
  return rows.map(({ productId, confirmed, pending }) => ({
    account: `product/${productId}`,
    applied: BigInt(confirmed),
    pending: BigInt(pending),
  }));
}
