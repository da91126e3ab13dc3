import type { Queryable } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import type { Transaction } from '../domain/transaction.js';
import { timeOf } from './formatted.js';
import { lockFloor } from './lock-floor.js';
import { selectRows } from './rows.js';

const FRESH_MS = 10 * 60_000;
/** From this retention time on a floor can't come near to what is fresh, whatever its steps and other instances do. */
const LONG_RETENTION_MS = 24 * 3_600_000;

/**
 * Reads the floor for transactions that are about to be applied. It must not pass them before they are committed. With a
 * retention time of a day or more it can't pass what is younger than ten minutes, so that such a group waits for nobody's
 * lock on the floor; any other group reads it under a shared lock.
 *
 * @returns milliseconds since the epoch
 */
export async function readFloorFor(
  tx: Queryable,
  transactions: readonly Pick<Transaction, 'createTimeMs'>[],
  retentionMs: number,
): Promise<number> {
  if (retentionMs < LONG_RETENTION_MS) return lockFloor(tx);
  const [row] = await selectRows<{ floor: string; now: string }>(
    tx,
    sql`SELECT floor, NOW(3) AS now FROM retention WHERE id = 1`,
  );
  if (!row) throw new Error('the row of table retention is missing: run the migrations');
  const freshSince = timeOf(row.now) - FRESH_MS;
  return transactions.every(({ createTimeMs }) => createTimeMs >= freshSince)
    ? timeOf(row.floor)
    : lockFloor(tx);
}
