import type { Queryable } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { changeRows } from './rows.js';

/**
 * Makes a participant known by its first message: until it reports, nothing that is younger than the floor of this
 * moment is forgotten. Does nothing when it is known.
 */
export async function registerParticipant(tx: Queryable, participant: string): Promise<void> {
  await changeRows(
    tx,
    sql`INSERT IGNORE INTO watermark (participant, oldest_unsettled, update_time)
        SELECT ${participant}, floor, NULL FROM retention WHERE id = 1`,
  );
}
