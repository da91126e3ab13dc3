import { timestampDate } from '@bufbuild/protobuf/wkt';
import type { TransactionLedger } from '@txmsg/contracts';
import { Outcome } from '@txmsg/contracts/message';
import { encodeTimestamp, type ServiceHandlers } from '@txmsg/grpc';
import { type Database, openExport, type Queryable, snapshotPages } from '@txmsg/mysql';
import type { Settlement } from '../store/settlement.js';
import type { OutageGuard } from './guard-outage.js';

/** Which transactions an audit asks for. */
export interface LedgerRange {
  readonly from: Date | undefined;
  readonly to: Date | undefined;
  /** Only these, whatever their create time; empty: all of the range. */
  readonly txNos: readonly string[];
}

/** A transaction as the audit compares it. */
export interface BookedTransaction {
  readonly txNo: string;
  /** As the `content` of its message type. */
  readonly content: string;
  /** Undefined while it is not known. */
  readonly outcome: Settlement['outcome'] | undefined;
  readonly createTime: Date;
}

/** The total of one account. */
export interface BookedTotal {
  readonly account: string;
  /** Sum over applied transactions. */
  readonly applied: bigint;
  /** Sum over transactions whose outcome is not known yet. */
  readonly pending: bigint;
}

/** A service's books, which the audit compares with those of the consumers. */
export interface Books {
  /** Reads the next transactions after a tx_no, in the byte order of their txNos. */
  transactions(
    db: Queryable,
    range: LedgerRange,
    after: string,
    limit: number,
  ): Promise<readonly BookedTransaction[]>;
  totals(db: Queryable): Promise<readonly BookedTotal[]>;
  /** Transactions created before this may be forgotten; undefined: none are. */
  forgottenBefore?(): Date;
}

const BATCH = 1_000;

const OUTCOMES = { APPLIED: Outcome.APPLIED, REJECTED: Outcome.REJECTED };

/** The books over gRPC, each export from one snapshot. */
export function createLedgerService(
  database: Database,
  books: Books,
  { guard }: OutageGuard,
): ServiceHandlers<typeof TransactionLedger> {
  const openSnapshot = () => openExport(database, (work) => guard(work()));
  return {
    async *exportTransactions({ fromTime, toTime, txNos }, { signal }) {
      const range = { from: fromTime && timestampDate(fromTime), to: toTime && timestampDate(toTime), txNos };
      const forgottenBefore = books.forgottenBefore?.();
      const pages = snapshotPages(await openSnapshot(), {
        read: (db, after, limit) => books.transactions(db, range, after, limit),
        keyOf: ({ txNo }) => txNo,
        size: BATCH,
        signal,
      });
      for await (const transactions of pages)
        yield {
          entries: transactions.map(encodeEntry),
          ...(forgottenBefore && { forgottenBeforeTime: encodeTimestamp(forgottenBefore) }),
        };
    },
    async exportTotals() {
      const snapshot = await openSnapshot();
      try {
        return { totals: [...(await snapshot.read((db) => books.totals(db)))] };
      } finally {
        await snapshot.close();
      }
    },
  };
}

function encodeEntry({ txNo, content, outcome, createTime }: BookedTransaction) {
  return {
    txNo,
    content,
    outcome: outcome ? OUTCOMES[outcome] : Outcome.OUTCOME_UNSPECIFIED,
    createTime: encodeTimestamp(createTime),
  };
}
