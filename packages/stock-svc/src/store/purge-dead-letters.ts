import type { Queryable } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { changeRows } from './rows.js';

/** Deletes up to `limit` dead letters that were replayed or dropped more than `olderThanMs` ago; returns how many. */
export function purgeDeadLetters(tx: Queryable, olderThanMs: number, limit: number): Promise<number> {
  return changeRows(
    tx,
    sql`DELETE FROM dead_letter
        WHERE status IN ('REPLAYED', 'DROPPED')
          AND update_time < NOW(3) - INTERVAL ${olderThanMs * 1_000} MICROSECOND
        LIMIT ${limit}`,
  );
}
