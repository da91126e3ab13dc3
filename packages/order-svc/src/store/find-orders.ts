import type { Queryable } from '@txmsg/mysql';
import { and, desc, eq, gt, inArray, lt, max } from '@txmsg/mysql/drizzle';
import type { Order, OrderStatus } from '../domain/order.js';
import { orders } from './schema.js';

/** Reads orders by their txNos; those that don't exist are left out. */
export async function findOrdersByTxNo(db: Queryable, txNos: readonly string[]): Promise<Order[]> {
  return db
    .select()
    .from(orders)
    .where(inArray(orders.txNo, [...txNos]));
}

/** Reads one order by its order number. */
export async function findOrderByOrderNo(db: Queryable, orderNo: string): Promise<Order | undefined> {
  const [order] = await db.select().from(orders).where(eq(orders.orderNo, orderNo));
  return order;
}

/** Rows that one page looks at, at most: a rare status must not make it read the whole table. */
const SCAN_LIMIT = 20_000n;

/** A page of orders, newest first, and where the next one starts; undefined when there is none. */
export interface OrderPage {
  readonly orders: readonly Order[];
  readonly nextBefore: bigint | undefined;
}

/**
 * Reads a page of orders.
 *
 * @param before ids below this; undefined for the first page
 * @param status only these; a page then may hold fewer than `limit` although more follow
 */
export async function listOrders(
  db: Queryable,
  limit: number,
  before: bigint | undefined,
  status: OrderStatus | undefined,
): Promise<OrderPage> {
  const start = before ?? (await newestId(db)) + 1n;
  const end = status === undefined ? 0n : start - SCAN_LIMIT;
  const rows = await db
    .select()
    .from(orders)
    .where(and(lt(orders.id, start), gt(orders.id, end - 1n), status && eq(orders.status, status)))
    .orderBy(desc(orders.id))
    .limit(limit);
  const last = rows.at(-1);
  if (rows.length === limit && last) return { orders: rows, nextBefore: last.id };
  return { orders: rows, nextBefore: end > 1n ? end : undefined };
}

async function newestId(db: Queryable): Promise<bigint> {
  const [row] = await db.select({ id: max(orders.id) }).from(orders);
  return row?.id ?? 0n;
}
