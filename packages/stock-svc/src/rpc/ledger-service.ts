import { timestampDate, timestampFromDate, timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { TransactionLedger } from '@txmsg/contracts';
import { Outcome } from '@txmsg/contracts/message';
import type { ServiceHandlers } from '@txmsg/grpc';
import type { Snapshot } from '@txmsg/mysql';
import { checkBooks } from '../domain/check-books.js';
import { exportTotals } from '../store/export-totals.js';
import { type ExportedTransaction, exportTransactions } from '../store/export-transactions.js';
import { readFloor } from '../store/read-floor.js';
import type { DatabaseCalls } from './database-calls.js';

const BATCH = 1_000;

/** The stock side's books for the audit, each export from one snapshot. */
export function createLedgerHandlers(database: DatabaseCalls): ServiceHandlers<typeof TransactionLedger> {
  return {
    async *exportTransactions({ fromTime, toTime, txNos }, { signal }) {
      const range = { from: fromTime && timestampDate(fromTime), to: toTime && timestampDate(toTime), txNos };
      const snapshot = await database.openSnapshot();
      try {
        const floor = await database.guard(() => snapshot.read(readFloor));
        for (let after = ''; !signal.aborted; ) {
          const batch = await database.guard(() =>
            snapshot.read((connection) => exportTransactions(connection, range, after, BATCH)),
          );
          yield { entries: batch.map(toEntry), forgottenBeforeTime: timestampFromMs(floor) };
          if (batch.length < BATCH) return;
          after = batch.at(-1)?.txNo ?? '';
        }
      } finally {
        await snapshot.close();
      }
    },
    async exportTotals() {
      const snapshot = await database.openSnapshot();
      try {
        return await database.guard(() => totals(snapshot));
      } finally {
        await snapshot.close();
      }
    },
  };
}

async function totals(snapshot: Snapshot) {
  // The floor begins at the epoch: as long as it stands there nothing was ever forgotten.
  const complete = (await snapshot.read(readFloor)) === 0;
  const books = await snapshot.read(exportTotals);
  return {
    totals: books.map((product) => ({
      account: `product/${product.productId}`,
      applied: product.takenTotal,
      fault: checkBooks(product, complete),
    })),
  };
}

function toEntry({ txNo, productId, payCount, outcome, createTime }: ExportedTransaction) {
  return {
    txNo,
    content: `${productId}x${payCount}`,
    outcome: Outcome[outcome],
    createTime: timestampFromDate(createTime),
  };
}
