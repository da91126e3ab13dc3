import type { Queryable } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import type { Transaction } from '../domain/transaction.js';
import { timeOf } from './formatted.js';
import { lockFloor } from './lock-floor.js';
import { selectRows } from './rows.js';

/**
 * Reads the floor for transactions that are about to be applied. It must not pass them before they are committed. It rises
 * by `reachMs` at most meanwhile, whatever a clock does, so that a group further above it waits for nobody's lock on it; any
 * other group reads it under a shared lock. So does every group while the floor is where it begins: from there it may go
 * anywhere.
 *
 * @param reachMs the same in all instances on one database

 * @returns milliseconds since the epoch
 */
export async function readFloorFor(
  tx: Queryable,
  transactions: readonly Pick<Transaction, 'createTimeMs'>[],
  reachMs: number,
): Promise<number> {
  if (!Number.isFinite(reachMs)) return lockFloor(tx);
  const [row] = await selectRows<{ floor: string }>(tx, sql`SELECT floor FROM retention WHERE id = 1`);
  if (!row) throw new Error('the row of table retention is missing: run the migrations');
  const floorMs = timeOf(row.floor);
  if (floorMs <= 0) return lockFloor(tx);
  return transactions.every(({ createTimeMs }) => createTimeMs >= floorMs + reachMs)
    ? floorMs
    : lockFloor(tx);
}
