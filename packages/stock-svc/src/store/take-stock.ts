import { changeRows, formatted, type Queryable, selectRows } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';

/** With more products the CASE of one statement, which the server searches from its start for each row, gets dear. */
const PRODUCTS_PER_STATEMENT = 200;
/** Without the index hint a small table is scanned, and rows are locked that no one asked for, in another order. */
const STOCK = 'stock FORCE INDEX (stock_product_id)';

/**
 * Locks the stock of products and reads the pieces left, by product. A product that doesn't exist is missing in the
 * answer.
 *
 * @param productIds ascending: everyone locks in this order, so that no two wait for each other
 */
export async function lockStock(tx: Queryable, productIds: readonly bigint[]): Promise<Map<bigint, bigint>> {
  if (productIds.length === 0) return new Map();
  const statement = `SELECT product_id, total_count FROM ${STOCK} WHERE product_id IN (?) ORDER BY product_id FOR UPDATE`;
  const rows = await selectRows<{ product_id: number | string; total_count: number | string }>(
    tx,
    formatted(statement, [productIds]),
  );
  return new Map(rows.map((row) => [BigInt(row.product_id), BigInt(row.total_count)]));
}

/**
 * Takes pieces of products whose rows are locked: one statement for all of them (for each 200), whatever the number of
 * orders.
 *
 * @param taken pieces by product, each more than 0
 * @throws Error when a product doesn't hold that many: the transaction must be rolled back
 */
export async function takeStock(tx: Queryable, taken: ReadonlyMap<bigint, bigint>): Promise<void> {
  const entries = [...taken];
  for (let start = 0; start < entries.length; start += PRODUCTS_PER_STATEMENT) {
    await takeSome(tx, entries.slice(start, start + PRODUCTS_PER_STATEMENT));
  }
}

async function takeSome(tx: Queryable, entries: readonly (readonly [bigint, bigint])[]): Promise<void> {
  const cases = `CASE product_id ${entries.map(([id, count]) => `WHEN ${id} THEN ${count}`).join(' ')} END`;
  const changed = await changeRows(
    tx,
    formatted(
      `UPDATE ${STOCK}
       SET total_count = total_count - (${cases}), taken_total = taken_total + (${cases})
       WHERE product_id IN (?) AND total_count >= (${cases})`,
      [entries.map(([id]) => id)],
    ),
  );
  if (changed !== entries.length) {
    throw new Error(`stock of ${entries.length} products was to be taken, but only ${changed} held enough`);
  }
}

/**
 * Those of the products whose stock row another transaction has locked at this moment; one that another transaction has
 * inserted or deleted and not committed counts.
 *
 * @param connection outside a transaction: its locks end with the statement
 */
export async function findHeldProducts(
  connection: Queryable,
  productIds: readonly string[],
): Promise<Set<string>> {
  if (productIds.length === 0) return new Set();
  const ids = productIds.map(BigInt);
  const read = async (tail: string) => {
    const statement = `SELECT product_id FROM ${STOCK} WHERE product_id IN (?)${tail}`;
    const rows = await selectRows<{ product_id: number | string }>(connection, formatted(statement, [ids]));
    return rows.map((row) => String(row.product_id));
  };
  const free = await read(' ORDER BY product_id FOR UPDATE SKIP LOCKED');
  const there = await read('');
  // The next statement, and no other, sees what isn't committed.
  await connection.execute(sql`SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED`);
  const held = new Set([...there, ...(await read(''))]);
  for (const productId of free) held.delete(productId);
  return held;
}
