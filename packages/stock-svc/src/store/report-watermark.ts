import type { Queryable } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { timeLiteral } from './formatted.js';
import { changeRows } from './rows.js';

/** Stores a participant's report in place of its last one, which also makes it known. */
export async function reportWatermark(
  tx: Queryable,
  participant: string,
  oldestUnsettledMs: number,
): Promise<void> {
  await changeRows(
    tx,
    sql`INSERT INTO watermark (participant, oldest_unsettled, update_time)
        VALUES (${participant}, ${timeLiteral(oldestUnsettledMs)}, NOW(3))
        ON DUPLICATE KEY UPDATE oldest_unsettled = VALUES(oldest_unsettled), update_time = NOW(3)`,
  );
}
