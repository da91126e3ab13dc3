import { timestampDate, timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { TransactionLedger } from '@txmsg/contracts';
import { Outcome } from '@txmsg/contracts/message';
import type { ServiceHandlers } from '@txmsg/grpc';
import { type Queryable, snapshotPages } from '@txmsg/mysql';
import type { RecordedTransaction } from '../domain/transaction.js';
import type { InboxStore } from '../store/inbox-store.js';
import type { DatabaseCalls } from './database-calls.js';

const BATCH = 1_000;

/** What the service's own tables say of one account. */
export interface AccountTotal {
  /** Its name, as the message types' book entries tell it. */
  readonly account: string;
  /** What all transactions that were ever applied have added to it. */
  readonly applied: bigint;
  /** What doesn't add up in its books; empty when all is right. */
  readonly fault: string;
}

/**
 * Reads the totals of all accounts.
 *
 * @param complete no transaction was ever forgotten, so those on record must sum up to what was applied
 */
export type ReadTotals = (snapshot: Queryable, complete: boolean) => Promise<readonly AccountTotal[]>;

/** The consumer's books for the audit, each export from one snapshot. */
export function createLedgerHandlers(
  database: DatabaseCalls,
  { floor, records }: InboxStore,
  readTotals: ReadTotals = async () => [],
): ServiceHandlers<typeof TransactionLedger> {
  return {
    async *exportTransactions({ fromTime, toTime, txNos }, { signal }) {
      const range = { from: fromTime && timestampDate(fromTime), to: toTime && timestampDate(toTime), txNos };
      const snapshot = await database.openSnapshot();
      try {
        const floorMs = await snapshot.read((db) => floor.read(db));
        const pages = snapshotPages(snapshot, {
          read: (db, after, limit) => records.export(db, range, after, limit),
          keyOf: ({ txNo }) => txNo,
          size: BATCH,
          signal,
        });
        for await (const batch of pages)
          yield { entries: batch.map(toEntry), forgottenBeforeTime: timestampFromMs(floorMs) };
      } finally {
        await snapshot.close();
      }
    },
    async exportTotals() {
      const snapshot = await database.openSnapshot();
      try {
        // The floor begins at the epoch: as long as it stands there nothing was ever forgotten.
        const complete = (await snapshot.read((db) => floor.read(db))) === 0;
        const totals = await snapshot.read((db) => readTotals(db, complete));
        return { totals: [...totals] };
      } finally {
        await snapshot.close();
      }
    },
  };
}

function toEntry({ txNo, content, outcome, createTimeMs }: RecordedTransaction) {
  return { txNo, content, outcome: Outcome[outcome], createTime: timestampFromMs(createTimeMs) };
}
