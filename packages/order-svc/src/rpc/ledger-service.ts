import { timestampDate } from '@bufbuild/protobuf/wkt';
import type { TransactionLedger } from '@txmsg/contracts';
import { Outcome } from '@txmsg/contracts/message';
import type { ServiceHandlers } from '@txmsg/grpc';
import type { Database } from '@txmsg/mysql';
import { exportTotals } from '../store/export-totals.js';
import { type ExportedOrder, exportTransactions } from '../store/export-transactions.js';
import { encodeTimestamp } from './encode-order.js';
import { guardOutage } from './guard-outage.js';

const BATCH = 1_000;
/** An export of many millions takes minutes. */
const EXPORT_TIMEOUT_MS = 15 * 60_000;

const OUTCOMES = {
  PENDING: Outcome.OUTCOME_UNSPECIFIED,
  CONFIRMED: Outcome.APPLIED,
  REJECTED: Outcome.REJECTED,
};

/** The order side's books for the audit, each export from one snapshot. Orders are never forgotten. */
export function createLedgerService(
  database: Database,
  onOutage: (error: unknown) => void,
): ServiceHandlers<typeof TransactionLedger> {
  return {
    async *exportTransactions({ fromTime, toTime, txNos }, { signal }) {
      const range = { from: fromTime && timestampDate(fromTime), to: toTime && timestampDate(toTime), txNos };
      const snapshot = await guardOutage(database.openSnapshot(EXPORT_TIMEOUT_MS), onOutage);
      try {
        for (let after = ''; !signal.aborted; ) {
          const orders = await guardOutage(
            snapshot.read((db) => exportTransactions(db, range, after, BATCH)),
            onOutage,
          );
          yield { entries: orders.map(encodeEntry) };
          if (orders.length < BATCH) return;
          after = orders.at(-1)?.txNo ?? '';
        }
      } finally {
        await snapshot.close();
      }
    },
    async exportTotals() {
      const snapshot = await guardOutage(database.openSnapshot(EXPORT_TIMEOUT_MS), onOutage);
      try {
        const totals = await guardOutage(snapshot.read(exportTotals), onOutage);
        return {
          totals: totals.map(({ productId, confirmed, pending }) => ({
            account: `product/${productId}`,
            applied: confirmed,
            pending,
          })),
        };
      } finally {
        await snapshot.close();
      }
    },
  };
}

function encodeEntry({ txNo, productId, payCount, status, createTime }: ExportedOrder) {
  return {
    txNo,
    content: `${productId}x${payCount}`,
    outcome: OUTCOMES[status],
    createTime: encodeTimestamp(createTime),
  };
}
