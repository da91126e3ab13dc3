import type { Queryable } from '@txmsg/mysql';
import { eq, gt, sql } from '@txmsg/mysql/drizzle';
import { canAdd } from '../domain/decide-stock.js';
import { stock, stockChange } from './schema.js';

/** The stock of a product, in pieces. */
export interface StockRow {
  readonly productId: bigint;
  readonly totalCount: bigint;
  readonly addedTotal: bigint;
  readonly takenTotal: bigint;
}

/** Pieces to add to a product, once for each request id. */
export interface StockAddition {
  readonly requestId: string;
  readonly productId: bigint;
  readonly count: bigint;
}

/** What became of an addition: done now or before, refused as another content's id, or more than can be held. */
export type AdditionResult = 'conflict' | 'overflow' | StockRow;

/** Reads the stock of one product; undefined when the product doesn't exist. */
export async function findStock(db: Queryable, productId: bigint): Promise<StockRow | undefined> {
  const [row] = await db.select().from(stock).where(eq(stock.productId, productId));
  return row;
}

/** Reads up to `limit` products above `afterProductId`, by product. */
export function listStock(db: Queryable, afterProductId: bigint, limit: number): Promise<StockRow[]> {
  return db
    .select()
    .from(stock)
    .where(gt(stock.productId, afterProductId))
    .orderBy(stock.productId)
    .limit(limit);
}

/**
 * Adds stock, and the product when it is new. Nothing is written when it is refused.
 *
 * @throws 1062 when someone else has just done the same: roll back and run it again
 */
export async function addStock(tx: Queryable, addition: StockAddition): Promise<AdditionResult> {
  const { requestId, productId, count } = addition;
  const [done] = await tx.select().from(stockChange).where(eq(stockChange.requestId, requestId));
  if (done) {
    if (done.productId !== productId || done.delta !== count) return 'conflict';
    return (await findStock(tx, productId)) ?? 'conflict';
  }
  const [held] = await tx.select().from(stock).where(eq(stock.productId, productId)).for('update');
  if (!canAdd(held?.addedTotal ?? 0n, count)) return 'overflow';
  await tx.insert(stockChange).values({ requestId, productId, delta: count, createTime: sql`NOW(3)` });
  if (!held) {
    const fresh = { productId, totalCount: count, addedTotal: count, takenTotal: 0n };
    await tx.insert(stock).values(fresh);
    return fresh;
  }
  const totalCount = held.totalCount + count;
  const addedTotal = held.addedTotal + count;
  await tx.update(stock).set({ totalCount, addedTotal }).where(eq(stock.id, held.id));
  return { ...held, totalCount, addedTotal };
}
