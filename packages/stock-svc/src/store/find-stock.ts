import type { Queryable } from '@txmsg/mysql';
import { eq } from '@txmsg/mysql/drizzle';
import { stock } from './schema.js';

/** The stock of a product, in pieces. */
export interface StockRow {
  readonly productId: bigint;
  readonly totalCount: bigint;
  readonly addedTotal: bigint;
  readonly takenTotal: bigint;
}

/** Reads the stock of one product; undefined when the product doesn't exist. */
export async function findStock(tx: Queryable, productId: bigint): Promise<StockRow | undefined> {
  const [row] = await tx.select().from(stock).where(eq(stock.productId, productId));
  return row;
}
