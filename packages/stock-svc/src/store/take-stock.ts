import type { Queryable } from '@txmsg/mysql';
import { formatted } from './formatted.js';
import { changeRows } from './rows.js';

/** With more products the CASE of one statement, which the server searches from its start for each row, gets dear. */
const PRODUCTS_A_STATEMENT = 200;

/**
 * Takes pieces of products whose rows are locked: one statement for all of them (for each 200), whatever the number of
 * orders.
 *
 * @param taken pieces by product, each more than 0
 * @throws Error when a product doesn't hold that many: the transaction must be rolled back
 */
export async function takeStock(tx: Queryable, taken: ReadonlyMap<bigint, bigint>): Promise<void> {
  const entries = [...taken];
  for (let start = 0; start < entries.length; start += PRODUCTS_A_STATEMENT) {
    await takeSome(tx, entries.slice(start, start + PRODUCTS_A_STATEMENT));
  }
}

async function takeSome(tx: Queryable, entries: readonly (readonly [bigint, bigint])[]): Promise<void> {
  const cases = `CASE product_id ${entries.map(([id, count]) => `WHEN ${id} THEN ${count}`).join(' ')} END`;
  const changed = await changeRows(
    tx,
    formatted(
      `UPDATE stock FORCE INDEX (stock_product_id)
       SET total_count = total_count - (${cases}), taken_total = taken_total + (${cases})
       WHERE product_id IN (?) AND total_count >= (${cases})`,
      [entries.map(([id]) => id)],
    ),
  );
  if (changed !== entries.length) {
    throw new Error(`stock of ${entries.length} products was to be taken, but only ${changed} held enough`);
  }
}
