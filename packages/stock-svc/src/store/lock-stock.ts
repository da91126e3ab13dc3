import type { Queryable } from '@txmsg/mysql';
import { formatted } from './formatted.js';
import { selectRows } from './rows.js';

/**
 * Locks the stock of products and reads the pieces left, by product. A product that doesn't exist is missing in the
 * answer.
 *
 * @param productIds ascending: everyone locks in this order, so that no two wait for each other
 */
export async function lockStock(tx: Queryable, productIds: readonly bigint[]): Promise<Map<bigint, bigint>> {
  if (productIds.length === 0) return new Map();
  // Without the index hint a small table is scanned, and rows are locked that no one asked for, in another order.
  const rows = await selectRows<{ product_id: number | string; total_count: number | string }>(
    tx,
    formatted(
      'SELECT product_id, total_count FROM stock FORCE INDEX (stock_product_id) WHERE product_id IN (?) ORDER BY product_id FOR UPDATE',
      [productIds],
    ),
  );
  return new Map(rows.map((row) => [BigInt(row.product_id), BigInt(row.total_count)]));
}
