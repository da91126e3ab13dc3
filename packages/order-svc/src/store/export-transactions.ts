import type { Queryable } from '@txmsg/mysql';
import { and, asc, gt, gte, inArray, lt } from '@txmsg/mysql/drizzle';
import type { OrderStatus } from '../domain/order.js';
import { orders } from './schema.js';

/** Which orders an audit asks for. */
export interface ExportRange {
  readonly from: Date | undefined;
  readonly to: Date | undefined;
  /** Only these, whatever their create time; empty: all of the range. */
  readonly txNos: readonly string[];
}

/** An order as the audit compares it. */
export interface ExportedOrder {
  readonly txNo: string;
  readonly productId: bigint;
  readonly payCount: number;
  readonly status: OrderStatus;
  readonly createTime: Date;
}

/** Reads the next orders after a tx_no, in the byte order of their txNos. */
export async function exportTransactions(
  db: Queryable,
  range: ExportRange,
  after: string,
  limit: number,
): Promise<ExportedOrder[]> {
  const named = range.txNos.length > 0;
  return db
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
        named ? inArray(orders.txNo, [...range.txNos]) : undefined,
        range.from && !named ? gte(orders.createTime, range.from) : undefined,
        range.to && !named ? lt(orders.createTime, range.to) : undefined,
      ),
    )
    .orderBy(asc(orders.txNo))
    .limit(limit);
}
