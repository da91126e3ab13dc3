import type { Queryable } from '@txmsg/mysql';
import { type SQL, sql } from '@txmsg/mysql/drizzle';
import { formatted } from './formatted.js';
import { selectRows } from './rows.js';

/**
 * Those of the products whose stock row another transaction has locked at this moment; one that another transaction has
 * inserted or deleted and not committed counts.
 *
 * @param connection outside a transaction: its locks end with the statement
 */
export async function findHeldProducts(
  connection: Queryable,
  productIds: readonly bigint[],
): Promise<Set<bigint>> {
  if (productIds.length === 0) return new Set();
  const select = 'SELECT product_id FROM stock FORCE INDEX (stock_product_id) WHERE product_id IN (?)';
  const read = (tail: string) => readKeys(connection, formatted(`${select}${tail}`, [productIds]), BigInt);
  const free = await read(' ORDER BY product_id FOR UPDATE SKIP LOCKED');
  const there = await read('');
  await readUncommittedNext(connection);
  const held = new Set([...there, ...(await read(''))]);
  for (const productId of free) held.delete(productId);
  return held;
}

/**
 * Those of the txNos that another transaction has inserted and not committed: an insert of them would wait. One that is
 * committed is on record, so that nobody inserts it.
 *
 * @param connection outside a transaction
 */
export async function findHeldTxNos(connection: Queryable, txNos: readonly string[]): Promise<Set<string>> {
  if (txNos.length === 0) return new Set();
  const statement = formatted('SELECT tx_no FROM tx_log WHERE tx_no IN (?)', [txNos]);
  await readUncommittedNext(connection);
  const held = await readKeys(connection, statement, String);
  // Read last: what was committed meanwhile is held no more.
  for (const txNo of held.size === 0 ? [] : await readKeys(connection, statement, String)) held.delete(txNo);
  return held;
}

/** The next statement, and no other, sees what isn't committed. */
function readUncommittedNext(connection: Queryable) {
  return connection.execute(sql`SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED`);
}

async function readKeys<Key>(
  connection: Queryable,
  statement: SQL,
  toKey: (value: string | number) => Key,
): Promise<Set<Key>> {
  const rows = await selectRows<Record<string, string | number>>(connection, statement);
  return new Set(rows.flatMap((row) => Object.values(row).map(toKey)));
}
