import type { Queryable } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { changeRows } from './rows.js';

/** Notes the time for participants whose first message came without it being noted, as by an older version. */
export function noteFirstSeen(tx: Queryable): Promise<number> {
  return changeRows(
    tx,
    sql`UPDATE watermark SET seen_time = NOW(3) WHERE update_time IS NULL AND seen_time IS NULL`,
  );
}
