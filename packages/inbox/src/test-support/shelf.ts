import { type TakeStock, takeStock } from '@txmsg/contracts/messages';
import { changeRows, formatted, type Queryable, selectRows } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import type { GroupHandler } from '../consume/handlers.js';
import { APPLIED, type Decision, type Fresh } from '../domain/transaction.js';
import { createInboxTables } from '../store/tables.js';
import { groupRegistration } from '../testing/test-inbox.js';

// A small service for the tests, with tables of its own: pieces of products are taken, first come first served.

const NOTHING: TakeStock = { productId: 0n, payCount: 0 };

/** The inbox's tables of the test service: the content stands in two columns. */
export const shelfTables = createInboxTables(
  {
    name: 'tx_log',
    content: {
      names: ['product_id', 'pay_count'],
      literals({ message }) {
        const { productId, payCount } = (message ?? NOTHING) as TakeStock;
        return `${productId}, ${payCount}`;
      },
      read: (row) => `${row.product_id}x${row.pay_count}`,
    },
  },
  '',
);

/** The message type of the test service. */
export const shelfType = takeStock('topic_txmsg');

const STOCK = 'stock FORCE INDEX (stock_product_id)';

/** Takes pieces with one SELECT and one UPDATE per group. */
export const shelfHandler: GroupHandler<TakeStock> = {
  async apply(tx, group) {
    const left = await lockProducts(tx, group);
    const taken = new Map<bigint, bigint>();
    const decisions = group.map(({ message: { productId, payCount } }): Decision => {
      const available = left.get(productId);
      if (available === undefined) return { outcome: 'REJECTED', reason: 'UNKNOWN_PRODUCT' };
      const remaining = available - BigInt(payCount);
      if (remaining < 0n) return { outcome: 'REJECTED', reason: 'INSUFFICIENT_STOCK' };
      left.set(productId, remaining);
      taken.set(productId, (taken.get(productId) ?? 0n) + BigInt(payCount));
      return APPLIED;
    });
    await takePieces(tx, taken);
    return decisions;
  },
  locks: {
    name: 'products',
    keysOf: ({ productId }) => [String(productId)],
    async findHeld(connection, keys) {
      const ids = keys.map(BigInt);
      const read = async (tail: string) => {
        const statement = formatted(`SELECT product_id FROM ${STOCK} WHERE product_id IN (?)${tail}`, [ids]);
        const rows = await selectRows<{ product_id: number | string }>(connection, statement);
        return rows.map((row) => String(row.product_id));
      };
      const free = await read(' ORDER BY product_id FOR UPDATE SKIP LOCKED');
      const there = await read('');
      await connection.execute(sql`SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED`);
      const held = new Set([...there, ...(await read(''))]);
      for (const key of free) held.delete(key);
      return held;
    },
  },
};

/** The test service's handler with its type. */
export const shelfGroup = groupRegistration(shelfType, shelfHandler);

async function lockProducts(tx: Queryable, group: readonly Fresh<TakeStock>[]): Promise<Map<bigint, bigint>> {
  const ids = [...new Set(group.map(({ message }) => message.productId))].sort((a, b) => (a < b ? -1 : 1));
  const rows = await selectRows<{ product_id: number | string; total_count: number | string }>(
    tx,
    formatted(
      `SELECT product_id, total_count FROM ${STOCK} WHERE product_id IN (?) ORDER BY product_id FOR UPDATE`,
      [ids],
    ),
  );
  return new Map(rows.map((row) => [BigInt(row.product_id), BigInt(row.total_count)]));
}

async function takePieces(tx: Queryable, taken: ReadonlyMap<bigint, bigint>): Promise<void> {
  const entries = [...taken];
  if (entries.length === 0) return;
  const cases = `CASE product_id ${entries.map(([id, count]) => `WHEN ${id} THEN ${count}`).join(' ')} END`;
  const ids = entries.map(([id]) => id);
  await changeRows(
    tx,
    formatted(
      `UPDATE ${STOCK} SET total_count = total_count - (${cases}), taken_total = taken_total + (${cases})
       WHERE product_id IN (?)`,
      [ids],
    ),
  );
}
