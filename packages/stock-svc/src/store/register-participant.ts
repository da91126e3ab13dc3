import type { Queryable } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { changeRows, selectRows } from './rows.js';

/**
 * Makes a participant known by its first message: until it reports, and for one retention time at most, nothing that is
 * younger than the floor of this moment is forgotten. Does nothing when it is known, and then waits for nobody's lock.
 */
export async function registerParticipant(tx: Queryable, participant: string): Promise<void> {
  const known = await selectRows(tx, sql`SELECT 1 FROM watermark WHERE participant = ${participant}`);
  if (known.length > 0) return;
  await changeRows(
    tx,
    sql`INSERT IGNORE INTO watermark (participant, oldest_unsettled, update_time, seen_time)
        SELECT ${participant}, floor, NULL, NOW(3) FROM retention WHERE id = 1`,
  );
}
