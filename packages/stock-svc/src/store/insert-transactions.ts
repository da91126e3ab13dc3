import type { Queryable } from '@txmsg/mysql';
import type { RecordedTransaction } from '../domain/transaction.js';
import { formatted, timeLiteral } from './formatted.js';
import { changeRows } from './rows.js';

/**
 * Records verdicts. A plain INSERT: a txNo that is on record fails it with 1062, and the transaction must be rolled back and
 * run again with the records read first.
 */
export async function insertTransactions(
  tx: Queryable,
  records: readonly RecordedTransaction[],
): Promise<void> {
  if (records.length === 0) return;
  // The orders of a group share their create time.
  const createTimes = new Set(records.map(({ createTimeMs }) => createTimeMs));
  const times = new Map([...createTimes].map((ms) => [ms, timeLiteral(ms)]));
  // In the order of the key: two groups that share txNos then wait for each other instead of deadlocking.
  const rows = [...records]
    .sort((a, b) => (a.txNo < b.txNo ? -1 : 1))
    .map((record) => [
      record.txNo,
      times.get(record.createTimeMs),
      record.productId,
      record.payCount,
      record.outcome,
      record.reason,
      record.participant === '' ? null : record.participant,
    ]);
  await changeRows(
    tx,
    formatted(
      'INSERT INTO tx_log (tx_no, create_time, product_id, pay_count, outcome, reason, participant) VALUES ?',
      [rows],
    ),
  );
}
