import type { Queryable } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { timeOf } from './formatted.js';
import { selectRows } from './rows.js';

/**
 * Reads the floor under a shared lock, so that it isn't raised before this transaction has ended: milliseconds since
 * the epoch. Many may hold the lock at once.
 */
export async function lockFloor(tx: Queryable): Promise<number> {
  // Not FOR SHARE: MariaDB doesn't know it.
  const [row] = await selectRows<{ floor: string }>(
    tx,
    sql`SELECT floor FROM retention WHERE id = 1 LOCK IN SHARE MODE`,
  );
  if (!row) throw new Error('the row of table retention is missing: run the migrations');
  return timeOf(row.floor);
}
