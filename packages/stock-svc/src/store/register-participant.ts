import type { Queryable } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { changeRows, selectRows } from './rows.js';

/** Names at most that are known by their messages only; a few more when several instances register at once. */
const MAX_UNREPORTED = 1_000;

/**
 * Makes a participant known by its first message: until it reports, and for one retention time at most, nothing that is
 * younger than the floor of this moment is forgotten. Does nothing when it is known, and then waits for nobody's lock.
 *
 * @returns false when it isn't known now, since too many are that never reported
 */
export async function registerParticipant(tx: Queryable, participant: string): Promise<boolean> {
  const [found] = await selectRows<{ known: number; unreported: number }>(
    tx,
    sql`SELECT EXISTS (SELECT 1 FROM watermark WHERE participant = ${participant}) AS known,
          (SELECT COUNT(*) FROM (SELECT 1 FROM watermark WHERE update_time IS NULL LIMIT ${MAX_UNREPORTED}) one)
            AS unreported`,
  );
  if (Number(found?.known) === 1) return true;
  if (Number(found?.unreported) >= MAX_UNREPORTED) return false;
  await changeRows(
    tx,
    sql`INSERT IGNORE INTO watermark (participant, oldest_unsettled, update_time, seen_time)
        SELECT ${participant}, floor, NULL, NOW(3) FROM retention WHERE id = 1`,
  );
  return true;
}
