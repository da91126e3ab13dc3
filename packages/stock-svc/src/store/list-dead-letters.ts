import type { Queryable } from '@txmsg/mysql';
import { and, eq, getTableColumns, gt, sql } from '@txmsg/mysql/drizzle';
import type { DeadLetterRow } from './find-dead-letter.js';
import { deadLetter } from './schema.js';

/** A dead letter without its body. */
export type DeadLetterSummary = Omit<DeadLetterRow, 'body'> & { readonly bodyBytes: number };

/** Reads up to `limit` dead letters above `afterId`, by id; those of one status only when it is given. */
export async function listDeadLetters(
  tx: Queryable,
  afterId: bigint,
  limit: number,
  status?: DeadLetterRow['status'],
): Promise<DeadLetterSummary[]> {
  const { body, ...columns } = getTableColumns(deadLetter);
  return tx
    .select({
      ...columns,
      bodyBytes: sql<number>`COALESCE(${columns.bodyLength}, LENGTH(${body}))`.mapWith(Number),
    })
    .from(deadLetter)
    .where(and(gt(deadLetter.id, afterId), status && eq(deadLetter.status, status)))
    .orderBy(deadLetter.id)
    .limit(limit);
}
