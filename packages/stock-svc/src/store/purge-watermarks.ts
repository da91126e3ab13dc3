import type { Queryable } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { changeRows, selectRows } from './rows.js';

/** Half of those that may be known. One that is forgotten while its messages go on would hold the floor once more. */
const KEPT = 500;

/**
 * Forgets up to `limit` participants that never reported and that nothing waits for any more; the 500 of them that were
 * seen last are kept. One that reports meanwhile stays.
 *
 * @param retentionMs for how long a participant is waited for, in milliseconds
 * @returns how many were forgotten
 */
export async function purgeWatermarks(tx: Queryable, retentionMs: number, limit: number): Promise<number> {
  // Found without a lock, and deleted by their keys: reports of others wait for nothing.
  const rows = await selectRows<{ participant: string }>(
    tx,
    sql`SELECT participant FROM watermark
        WHERE update_time IS NULL AND seen_time <= NOW(3) - INTERVAL ${retentionMs * 1_000} MICROSECOND
        ORDER BY seen_time DESC, participant LIMIT ${limit} OFFSET ${KEPT}`,
  );
  if (rows.length === 0) return 0;
  const names = sql.join(
    rows.map(({ participant }) => sql`${participant}`),
    sql`, `,
  );
  return changeRows(tx, sql`DELETE FROM watermark WHERE participant IN (${names}) AND update_time IS NULL`);
}
