import type { Queryable } from '@txmsg/mysql';
import { retention } from './schema.js';

/** Reads the floor without a lock, for showing it: milliseconds since the epoch. */
export async function readFloor(tx: Queryable): Promise<number> {
  const [row] = await tx.select({ floor: retention.floor }).from(retention);
  if (!row) throw new Error('the row of table retention is missing: run the migrations');
  return row.floor.getTime();
}
