import type { Queryable } from '@txmsg/mysql';
import { and, asc, gt, gte, inArray, lt } from '@txmsg/mysql/drizzle';
import { txLog } from './schema.js';

/** Which transactions an audit asks for. */
export interface ExportRange {
  readonly from: Date | undefined;
  readonly to: Date | undefined;
  /** Only these, whatever their create time; empty: all of the range. */
  readonly txNos: readonly string[];
}

/** A transaction on record as the audit compares it. */
export type ExportedTransaction = typeof txLog.$inferSelect;

/** Reads the next transactions after a tx_no, in the byte order of their txNos. */
export async function exportTransactions(
  tx: Queryable,
  { from, to, txNos }: ExportRange,
  after: string,
  limit: number,
): Promise<ExportedTransaction[]> {
  const which =
    txNos.length > 0
      ? [inArray(txLog.txNo, [...txNos])]
      : [from && gte(txLog.createTime, from), to && lt(txLog.createTime, to)];
  return tx
    .select()
    .from(txLog)
    .where(and(gt(txLog.txNo, after), ...which))
    .orderBy(asc(txLog.txNo))
    .limit(limit);
}
