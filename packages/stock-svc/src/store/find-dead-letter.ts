import type { Queryable } from '@txmsg/mysql';
import { eq } from '@txmsg/mysql/drizzle';
import { deadLetter } from './schema.js';

/** A dead letter as it is stored. */
export type DeadLetterRow = typeof deadLetter.$inferSelect;

/**
 * Reads one dead letter; undefined when there is none.
 *
 * @param lock locks the row until the transaction ends
 */
export async function findDeadLetter(
  tx: Queryable,
  id: bigint,
  lock = false,
): Promise<DeadLetterRow | undefined> {
  const query = tx.select().from(deadLetter).where(eq(deadLetter.id, id));
  const [row] = lock ? await query.for('update') : await query;
  return row;
}
