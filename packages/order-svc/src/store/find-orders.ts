import type { Queryable } from '@txmsg/mysql';
import { eq, inArray } from '@txmsg/mysql/drizzle';
import type { Order } from '../domain/order.js';
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
