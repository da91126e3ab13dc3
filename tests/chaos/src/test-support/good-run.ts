import type {
  DeadLetterRow,
  GroupRow,
  InboxRow,
  OrderRow,
  OutboxRow,
  StockChangeRow,
  StockRow,
} from '../check/database-dump.js';
import type { Invariant } from '../check/violation.js';
import type { HistoryEvent, StrangerEvent, SubmitEvent, VerdictEvent } from '../history/history-event.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A run whose rows and events a test may change. */
export interface RunFixture {
  readonly history: HistoryEvent[];
  readonly orderDump: {
    readonly orders: Mutable<OrderRow>[];
    readonly outbox: Mutable<OutboxRow>[];
    readonly groups: Mutable<GroupRow>[];
  };
  readonly stockDump: {
    readonly stock: Mutable<StockRow>[];
    readonly changes: Mutable<StockChangeRow>[];
    readonly inbox: Mutable<InboxRow>[];
    readonly deadLetters: Mutable<DeadLetterRow>[];
  };
}

/** An answer OK. */
export function accepted(txNo: string, productId: number, payCount: number, startMs = 100): SubmitEvent {
  const answer = { txNo, orderNo: `order-${txNo}`, status: 'PENDING' } as const;
  return {
    type: 'submit',
    via: 'unary',
    replica: 0,
    txNo,
    productId,
    payCount,
    startMs,
    endMs: startMs + 5,
    code: 'OK',
    answer,
  };
}

/** An answer of another code. */
export function failed(txNo: string, productId: number, payCount: number, code: string): SubmitEvent {
  return {
    type: 'submit',
    via: 'unary',
    replica: 1,
    txNo,
    productId,
    payCount,
    startMs: 200,
    endMs: 210,
    code,
  };
}

/** An answered check. */
export function verdict(
  transactionId: string,
  says: NonNullable<VerdictEvent['verdict']>,
  startMs: number,
  replica = 0,
): VerdictEvent {
  const times = { startMs, endMs: startMs + 2, stampMs: 100 };
  return { type: 'verdict', replica, transactionId, code: 'OK', verdict: says, ...times };
}

const CONTENTS: readonly (readonly [txNo: string, productId: number, payCount: number])[] = [
  ['a', 1, 2],
  ['abc', 1, 3],
  ['ABC', 1, 4],
  ['scarce', 2, 5],
  ['unknown', 9, 1],
];
const REASONS: Readonly<Record<string, string>> = {
  scarce: 'INSUFFICIENT_STOCK',
  unknown: 'UNKNOWN_PRODUCT',
};

/** Messages of strangers: one whose transaction is applied, and one that is a dead letter. */
const STRANGERS: readonly StrangerEvent[] = [
  {
    type: 'stranger',
    atMs: 120,
    what: 'zlib',
    bodyHash: 'hash-1',
    certain: true,
    must: [{ txNo: 'stranger-1', productId: '3', payCount: 1 }],
    may: [],
    letter: 'none',
  },
  {
    type: 'stranger',
    atMs: 121,
    what: 'a number that is rounded',
    bodyHash: 'hash-2',
    certain: true,
    must: [],
    may: [{ txNo: 'stranger-2', productId: '12345678901234567', payCount: 1 }],
    letter: 'unless-applied',
  },
];

/** A run in which everything is right: orders, retries, conflicts, rejections, duplicates, a fault and verdicts. */
export function goodRun(): RunFixture {
  return { history: goodHistory(), orderDump: goodOrderDump(), stockDump: goodStockDump() };
}

function goodHistory(): HistoryEvent[] {
  const times = { startMs: 10, endMs: 20, replica: 0, code: 'OK' };
  const delivery = { type: 'delivery', atMs: 150, kind: 'half', transactionId: 'g1' } as const;
  const read = { type: 'read', replica: 1, txNo: 'a', startMs: 300, endMs: 305, code: 'OK' } as const;
  return [
    { type: 'add-stock', requestId: 'seed-1', productId: 1, count: 100, ...times },
    { type: 'add-stock', requestId: 'seed-2', productId: 2, count: 4, ...times },
    { type: 'add-stock', requestId: 'seed-3', productId: 3, count: 10, ...times },
    { type: 'memory', atMs: 90, process: 'relay-0', pid: 71, peakBytes: 550e6 },
    { type: 'memory', atMs: 91, process: 'relay-0', pid: 72, peakBytes: 130e6 },
    ...STRANGERS,
    ...CONTENTS.map(([txNo, productId, payCount]) => accepted(txNo, productId, payCount)),
    failed('a', 1, 2, 'UNAVAILABLE'),
    accepted('a', 1, 2, 400),
    failed('a', 1, 9, 'ALREADY_EXISTS'),
    { ...read, answer: { orderNo: 'order-a', productId: 1, payCount: 2, status: 'CONFIRMED' } },
    { ...delivery, messageId: 'm1', transactions: CONTENTS },
    { ...delivery, messageId: 'm2', kind: 'outbox', transactionId: '', transactions: CONTENTS.slice(0, 2) },
    verdict('g1', 'UNKNOWN', 101),
    verdict('g1', 'COMMIT', 110, 1),
    verdict('g1', 'COMMIT', 500),
    verdict('g2', 'UNKNOWN', 120),
    verdict('g2', 'ROLLBACK', 500),
    { type: 'fault', phase: 'begin', atMs: 130, id: 1, kind: 'kill-relay', target: 'relay-0' },
    { type: 'fault', phase: 'end', atMs: 140, id: 1, kind: 'kill-relay', target: 'relay-0' },
  ];
}

function goodOrderDump(): RunFixture['orderDump'] {
  return {
    orders: CONTENTS.map(([txNo, productId, payCount]) => {
      const statusReason = REASONS[txNo] ?? '';
      const status = statusReason === '' ? 'CONFIRMED' : 'REJECTED';
      return { txNo, orderNo: `order-${txNo}`, productId, payCount, status, statusReason };
    }),
    outbox: CONTENTS.map(([txNo]) => ({ txNo, transactionId: 'g1', state: 'SETTLED', relayCount: 2 })),
    groups: [
      { transactionId: 'g1', state: 'LIVE' },
      { transactionId: 'g2', state: 'FENCED' },
    ],
  };
}

function goodStockDump(): RunFixture['stockDump'] {
  return {
    stock: [
      { productId: 1, totalCount: 91, addedTotal: 100, takenTotal: 9 },
      { productId: 2, totalCount: 4, addedTotal: 4, takenTotal: 0 },
      { productId: 3, totalCount: 9, addedTotal: 10, takenTotal: 1 },
    ],
    changes: [
      { requestId: 'seed-1', productId: 1, delta: 100 },
      { requestId: 'seed-2', productId: 2, delta: 4 },
      { requestId: 'seed-3', productId: 3, delta: 10 },
    ],
    inbox: [
      ...CONTENTS.map(([txNo, productId, payCount]) => inboxRow(txNo, productId, payCount, REASONS[txNo])),
      inboxRow('stranger-1', 3, 1),
    ],
    deadLetters: [deadLetter('NOT_JSON', 'hash-0'), deadLetter('INVALID_FIELD', 'hash-2')],
  };
}

/** A row of the stock side's record: applied, unless there is a reason against it. */
export function inboxRow(txNo: string, productId: number, payCount: number, reason = ''): Mutable<InboxRow> {
  const outcome = reason === '' ? 'APPLIED' : 'REJECTED';
  return { txNo, productId, productText: String(productId), payCount, outcome, reason };
}

/** A dead letter. */
export function deadLetter(reason: string, bodyHash = `hash of ${reason}`): DeadLetterRow {
  return { bodyHash, reason, detail: '', attempts: 1 };
}

/** A breach: the invariant, a description, and a function that turns a good run into it. */
export type Breach = readonly [invariant: Invariant, name: string, breakRun: (run: RunFixture) => void];

/** The first fields of a delivery. */
export const delivery = { type: 'delivery', atMs: 160, kind: 'outbox', transactionId: '' } as const;

/** The row by its tx_no. */
export function rowOf<T extends { readonly txNo: string }>(rows: readonly T[], txNo: string): T {
  const found = rows.find((candidate) => candidate.txNo === txNo);
  if (!found) throw new RangeError(txNo);
  return found;
}

/** The first row. */
export function firstRow<T>(rows: readonly T[]): T {
  const [found] = rows;
  if (!found) throw new RangeError('no row');
  return found;
}

/** Removes the first row that meets the condition. */
export function removeRow<T>(rows: T[], which: (row: T) => boolean): void {
  rows.splice(rows.findIndex(which), 1);
}
