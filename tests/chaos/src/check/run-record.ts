import type { StrangerTransaction } from '../history/history-event.js';
import type {
  DeadLetterRow,
  GroupRow,
  InboxRow,
  OrderDump,
  OrderRow,
  OutboxRow,
  StockDump,
} from './database-dump.js';
import type { HistoryFacts } from './history-facts.js';

/** Everything that the invariants are checked on, with the rows indexed by their keys. */
export interface RunRecord {
  readonly facts: HistoryFacts;
  readonly orderDump: OrderDump;
  readonly stockDump: StockDump;
  readonly orders: ReadonlyMap<string, OrderRow>;
  readonly outbox: ReadonlyMap<string, OutboxRow>;
  readonly groups: ReadonlyMap<string, GroupRow>;
  readonly inbox: ReadonlyMap<string, InboxRow>;
  /** By the hash of their bodies. */
  readonly deadLetters: ReadonlyMap<string, DeadLetterRow>;
  /** Transactions that strangers' messages name, by txNo. */
  readonly strangers: ReadonlyMap<string, StrangerTransaction>;
}

/** Indexes the rows of the dumps. */
export function createRunRecord(facts: HistoryFacts, orderDump: OrderDump, stockDump: StockDump): RunRecord {
  return {
    facts,
    orderDump,
    stockDump,
    orders: new Map(orderDump.orders.map((row) => [row.txNo, row])),
    outbox: new Map(orderDump.outbox.map((row) => [row.txNo, row])),
    groups: new Map(orderDump.groups.map((row) => [row.transactionId, row])),
    inbox: new Map(stockDump.inbox.map((row) => [row.txNo, row])),
    deadLetters: new Map(stockDump.deadLetters.map((row) => [row.bodyHash, row])),
    strangers: new Map(
      facts.strangers.flatMap(({ must, may }) => [...must, ...may].map((one) => [one.txNo, one] as const)),
    ),
  };
}

/** Same product and count. */
export function sameContent(
  a: { readonly productId: number; readonly payCount: number },
  b: { readonly productId: number; readonly payCount: number },
): boolean {
  return a.productId === b.productId && a.payCount === b.payCount;
}

/** Sums `amount` over rows by their product. */
export function sumByProduct<T extends { readonly productId: number }>(
  rows: Iterable<T>,
  amount: (row: T) => number,
): Map<number, number> {
  const sums = new Map<number, number>();
  for (const row of rows) sums.set(row.productId, (sums.get(row.productId) ?? 0) + amount(row));
  return sums;
}
