import type { Queryable } from '@txmsg/mysql';
import { asc, ne, sql } from '@txmsg/mysql/drizzle';
import { orders } from './schema.js';

/** Pieces of one product in orders that are not rejected. */
export interface ProductTotal {
  readonly productId: bigint;
  readonly confirmed: bigint;
  readonly pending: bigint;
}

/** Sums the orders of each product. Reads the whole table: for audits. */
export async function exportTotals(db: Queryable): Promise<ProductTotal[]> {
  const sum = (status: 'CONFIRMED' | 'PENDING') =>
    sql<string>`SUM(CASE WHEN ${orders.status} = ${status} THEN ${orders.payCount} ELSE 0 END)`;
  const rows = await db
    .select({ productId: orders.productId, confirmed: sum('CONFIRMED'), pending: sum('PENDING') })
    .from(orders)
    .where(ne(orders.status, 'REJECTED'))
    .groupBy(orders.productId)
    .orderBy(asc(orders.productId));
  return rows.map(({ productId, confirmed, pending }) => ({
    productId,
    confirmed: BigInt(confirmed),
    pending: BigInt(pending),
  }));
}
