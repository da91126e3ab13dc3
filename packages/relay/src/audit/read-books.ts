import { timestampFromMs, timestampMs } from '@bufbuild/protobuf/wkt';
import type { TransactionLedger } from '@txmsg/contracts';
import type { LedgerEntry, LedgerTotal } from '@txmsg/contracts/ledger';
import { Outcome } from '@txmsg/contracts/message';
import type { GrpcClient } from '@txmsg/grpc';
import type { AccountTotal, BookEntry } from '../domain/compare-books.js';

/** A client of one side's books. */
export type LedgerClient = GrpcClient<typeof TransactionLedger>;

/** Which transactions are read. */
export interface BookRange {
  /** Milliseconds since the epoch; undefined: from the beginning, to the end. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly txNos?: readonly string[];
}

/** Entries of one side, in the order of their txNos. */
export interface Books {
  readonly entries: AsyncIterable<BookEntry>;
  /** Transactions created before this may be forgotten; known once the first entries have been read. */
  forgottenBeforeMs(): number;
}

const EXPORT_TIMEOUT_MS = 15 * 60_000;

/** Streams one side's transactions. */
export function readBooks(client: LedgerClient, range: BookRange, signal: AbortSignal): Books {
  let forgottenBeforeMs = 0;
  async function* entries(): AsyncGenerator<BookEntry> {
    const request = {
      ...(range.fromMs === undefined ? {} : { fromTime: timestampFromMs(range.fromMs) }),
      ...(range.toMs === undefined ? {} : { toTime: timestampFromMs(range.toMs) }),
      txNos: [...(range.txNos ?? [])],
    };
    for await (const batch of client.exportTransactions(request, { signal, timeoutMs: EXPORT_TIMEOUT_MS })) {
      if (batch.forgottenBeforeTime) forgottenBeforeMs = timestampMs(batch.forgottenBeforeTime);
      for (const entry of batch.entries) yield toBookEntry(entry);
    }
  }
  return { entries: entries(), forgottenBeforeMs: () => forgottenBeforeMs };
}

/** Reads one side's totals by account. */
export async function readTotals(
  client: LedgerClient,
  signal: AbortSignal,
): Promise<Map<string, LedgerTotal>> {
  const { totals } = await client.exportTotals({}, { signal, timeoutMs: EXPORT_TIMEOUT_MS });
  return new Map(totals.map((total) => [total.account, total]));
}

/** Adds up the totals of several sides by account. */
export function addTotals(sides: readonly ReadonlyMap<string, AccountTotal>[]): Map<string, AccountTotal> {
  const sums = new Map<string, AccountTotal>();
  for (const side of sides) {
    for (const [account, { applied, pending }] of side) {
      const sum = sums.get(account) ?? { applied: 0n, pending: 0n };
      sums.set(account, { applied: sum.applied + applied, pending: sum.pending + pending });
    }
  }
  return sums;
}

/** Merges streams, each in the order of its txNos, into one in that order. */
export async function* mergeEntries(sides: readonly AsyncIterable<BookEntry>[]): AsyncGenerator<BookEntry> {
  const iterators = sides.map((side) => side[Symbol.asyncIterator]());
  const heads = await Promise.all(iterators.map((iterator) => iterator.next()));
  for (;;) {
    let first = -1;
    heads.forEach((head, index) => {
      if (head.done) return;
      const best = heads[first];
      if (!best || best.done || head.value.txNo < best.value.txNo) first = index;
    });
    const head = heads[first];
    const iterator = iterators[first];
    if (!head || head.done || !iterator) return;
    yield head.value;
    heads[first] = await iterator.next();
  }
}

const OUTCOMES = {
  [Outcome.OUTCOME_UNSPECIFIED]: 'PENDING',
  [Outcome.APPLIED]: 'APPLIED',
  [Outcome.REJECTED]: 'REJECTED',
} as const;

function toBookEntry({ txNo, content, outcome, createTime }: LedgerEntry): BookEntry {
  return {
    txNo,
    content,
    outcome: OUTCOMES[outcome],
    createTimeMs: createTime ? timestampMs(createTime) : 0,
  };
}
