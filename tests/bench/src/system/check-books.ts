import type { Pool, RowDataPacket } from 'mysql2/promise';
import type { BenchSystem } from './bench-stack.js';

/**
 * Checks that the figures come from orders that were really served: each one CONFIRMED, and its stock taken once.
 *
 * @throws Error that names the difference
 */
export async function checkBooks({
  system,
}: {
  readonly system: Pick<BenchSystem['system'], 'orderDb' | 'stockDb'>;
}): Promise<void> {
  const confirmed = await sum(
    system.orderDb,
    "SELECT SUM(pay_count) AS sum FROM orders WHERE status = 'CONFIRMED'",
  );
  const ordered = await sum(system.orderDb, 'SELECT SUM(pay_count) AS sum FROM orders');
  const taken = await sum(system.stockDb, 'SELECT SUM(taken_total) AS sum FROM stock');
  if (ordered !== confirmed || confirmed !== taken) {
    throw new Error(
      `the books differ: ${ordered} ordered, ${confirmed} confirmed, ${taken} taken from stock`,
    );
  }
}

async function sum(pool: Pool, query: string): Promise<number> {
  const [rows] = await pool.query<RowDataPacket[]>(query);
  return Number(rows[0]?.sum ?? 0);
}
