import type { Queryable } from '@txmsg/mysql';
import { and, eq, ne, sql } from '@txmsg/mysql/drizzle';
import type { DeadLetterRow } from './find-dead-letter.js';
import { deadLetter } from './schema.js';

/** Sets what became of a dead letter. One that was dropped stays dropped. */
export async function markDeadLetter(
  tx: Queryable,
  id: bigint,
  status: DeadLetterRow['status'],
): Promise<void> {
  await tx
    .update(deadLetter)
    .set({ status, updateTime: sql`NOW(3)` })
    .where(and(eq(deadLetter.id, id), ne(deadLetter.status, 'DROPPED')));
}
