import type { Queryable } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { changeRows } from './rows.js';

/** Forgets a participant; false when it isn't known. */
export async function deleteWatermark(tx: Queryable, participant: string): Promise<boolean> {
  return (await changeRows(tx, sql`DELETE FROM watermark WHERE participant = ${participant}`)) === 1;
}
