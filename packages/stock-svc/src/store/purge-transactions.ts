import type { Queryable } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { timeLiteral } from './formatted.js';
import { changeRows } from './rows.js';

/**
 * Deletes up to `limit` records from below the floor, in the order of their create time. No one else touches those rows:
 * a message from below the floor is never applied.
 *
 * @param floorMs a floor that is committed
 * @returns how many were deleted
 */
export function purgeTransactions(tx: Queryable, floorMs: number, limit: number): Promise<number> {
  return changeRows(
    tx,
    sql`DELETE FROM tx_log WHERE create_time < ${timeLiteral(floorMs)} ORDER BY create_time LIMIT ${limit}`,
  );
}
