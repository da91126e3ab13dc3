import type { Queryable } from '@txmsg/mysql';
import { gt } from '@txmsg/mysql/drizzle';
import type { StockRow } from './find-stock.js';
import { stock } from './schema.js';

/** Reads up to `limit` products above `afterProductId`, by product. */
export function listStock(tx: Queryable, afterProductId: bigint, limit: number): Promise<StockRow[]> {
  return tx
    .select()
    .from(stock)
    .where(gt(stock.productId, afterProductId))
    .orderBy(stock.productId)
    .limit(limit);
}
