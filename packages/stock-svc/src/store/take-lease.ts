import type { Queryable } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { changeRows } from './rows.js';

/**
 * Takes or renews a lease for `forMs` milliseconds of the database's clock.
 *
 * @returns false while another owner holds it
 */
export async function takeLease(tx: Queryable, name: string, owner: string, forMs: number): Promise<boolean> {
  const found = await changeRows(
    tx,
    sql`UPDATE lease SET owner = ${owner}, until_time = NOW(3) + INTERVAL ${forMs * 1_000} MICROSECOND
        WHERE name = ${name} AND (owner = ${owner} OR until_time < NOW(3))`,
  );
  return found === 1;
}
