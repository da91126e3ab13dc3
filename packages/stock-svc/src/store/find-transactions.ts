import type { Queryable } from '@txmsg/mysql';
import type { RecordedTransaction } from '../domain/transaction.js';
import { formatted, timeOf } from './formatted.js';
import { selectRows } from './rows.js';

interface Row {
  tx_no: string;
  create_time: string;
  product_id: number | string;
  pay_count: number;
  outcome: 'APPLIED' | 'REJECTED';
  reason: string;
  participant: string | null;
}

/** Reads those of the txNos that are on record, by txNo. */
export async function findTransactions(
  tx: Queryable,
  txNos: readonly string[],
): Promise<Map<string, RecordedTransaction>> {
  if (txNos.length === 0) return new Map();
  const rows = await selectRows<Row>(
    tx,
    formatted(
      'SELECT tx_no, create_time, product_id, pay_count, outcome, reason, participant FROM tx_log WHERE tx_no IN (?)',
      [txNos],
    ),
  );
  return new Map(rows.map((row) => [row.tx_no, toRecord(row)]));
}

function toRecord(row: Row): RecordedTransaction {
  return {
    txNo: row.tx_no,
    createTimeMs: timeOf(row.create_time),
    productId: BigInt(row.product_id),
    payCount: row.pay_count,
    outcome: row.outcome,
    reason: row.reason,
    participant: row.participant ?? '',
  };
}
