import { describe, expect, it } from 'vitest';
import { checkRun } from './check-run.js';
import { accepted, failed, goodRun, type RunFixture, verdict } from './good-run-fixture.js';
import type { Invariant } from './violation.js';

const check = ({ history, orderDump, stockDump }: RunFixture) => checkRun(history, orderDump, stockDump);

/** The row by its tx_no; the fixture has it. */
function row<T extends { readonly txNo: string }>(rows: readonly T[], txNo: string): T {
  const found = rows.find((candidate) => candidate.txNo === txNo);
  if (!found) throw new RangeError(txNo);
  return found;
}

function first<T>(rows: readonly T[]): T {
  const [found] = rows;
  if (!found) throw new RangeError('no row');
  return found;
}

function remove<T>(rows: T[], which: (row: T) => boolean): void {
  rows.splice(rows.findIndex(which), 1);
}

type Break = (run: RunFixture) => void;

const BREACHES: readonly (readonly [Invariant, string, Break])[] = [
  [
    'I1',
    'a stock transaction without an order',
    ({ stockDump }) => void stockDump.inbox.push({ ...row(stockDump.inbox, 'unknown'), txNo: 'ghost' }),
  ],
  [
    'I1',
    'a stock transaction with other content',
    ({ stockDump }) => {
      row(stockDump.inbox, 'unknown').payCount = 8;
    },
  ],
  [
    'I1',
    'a message of an order that was rolled back',
    ({ history }) => void history.push({ ...delivery, messageId: 'm3', transactions: [['ghost', 1, 2]] }),
  ],
  [
    'I1',
    'a message with the content of a rival',
    ({ history }) => void history.push({ ...delivery, messageId: 'm3', transactions: [['a', 1, 9]] }),
  ],
  [
    'I1',
    'a half message of a transaction that was fenced',
    ({ history }) =>
      void history.push({ ...delivery, messageId: 'm3', transactionId: 'g2', transactions: [['a', 1, 2]] }),
  ],
  [
    'I1',
    'a dead letter with the txNo of another content',
    ({ stockDump }) =>
      void stockDump.deadLetters.push({ reason: 'CONTENT_MISMATCH', detail: 'a', attempts: 1 }),
  ],
  [
    'I2',
    'an order that is never settled',
    ({ orderDump, stockDump }) => {
      row(orderDump.orders, 'unknown').status = 'PENDING';
      row(orderDump.outbox, 'unknown').state = 'PENDING';
      remove(stockDump.inbox, ({ txNo }) => txNo === 'unknown');
    },
  ],
  [
    'I2',
    'an applied order whose outcome is lost',
    ({ orderDump }) => {
      row(orderDump.orders, 'a').status = 'PENDING';
      row(orderDump.outbox, 'a').state = 'PENDING';
    },
  ],
  [
    'I2',
    'an order without a row in the outbox',
    ({ orderDump }) => remove(orderDump.outbox, ({ txNo }) => txNo === 'a'),
  ],
  [
    'I2',
    'an outcome that changed after it was shown',
    ({ history }) => {
      const answer = { txNo: 'unknown', orderNo: 'order-unknown', status: 'CONFIRMED' } as const;
      history.push({ ...accepted('unknown', 9, 1), via: 'wait', answer });
    },
  ],
  [
    'I2',
    'a message that was given up',
    ({ stockDump }) => void stockDump.deadLetters.push({ reason: 'APPLY_FAILED', detail: '', attempts: 5 }),
  ],
  [
    'I3',
    'stock taken twice',
    ({ stockDump }) => Object.assign(first(stockDump.stock), { totalCount: 89, takenTotal: 11 }),
  ],
  [
    'I3',
    'a transaction recorded but its stock not taken',
    ({ stockDump }) => Object.assign(first(stockDump.stock), { totalCount: 93, takenTotal: 7 }),
  ],
  [
    'I3',
    'a txNo recorded twice',
    ({ stockDump }) => void stockDump.inbox.push({ ...row(stockDump.inbox, 'unknown') }),
  ],
  [
    'I4',
    'stock below zero',
    ({ stockDump, orderDump }) => {
      Object.assign(row(stockDump.inbox, 'scarce'), { outcome: 'APPLIED', reason: '' });
      Object.assign(row(orderDump.orders, 'scarce'), { status: 'CONFIRMED', statusReason: '' });
      Object.assign(stockDump.stock[1] ?? {}, { totalCount: -1, takenTotal: 5 });
    },
  ],
  [
    'I4',
    'a rejection without a reason',
    ({ stockDump, orderDump }) => {
      row(stockDump.inbox, 'scarce').reason = '';
      row(orderDump.orders, 'scarce').statusReason = '';
    },
  ],
  [
    'I4',
    'a rejection of what could be served',
    ({ history, stockDump }) => {
      const seed = history.find((event) => event.type === 'add-stock' && event.productId === 2);
      Object.assign(seed ?? {}, { count: 50 });
      Object.assign(stockDump.changes[1] ?? {}, { delta: 50 });
      Object.assign(stockDump.stock[1] ?? {}, { totalCount: 50, addedTotal: 50 });
    },
  ],
  [
    'I4',
    'a product unknown though it was there',
    ({ stockDump, orderDump }) => {
      row(stockDump.inbox, 'scarce').reason = 'UNKNOWN_PRODUCT';
      row(orderDump.orders, 'scarce').statusReason = 'UNKNOWN_PRODUCT';
    },
  ],
  [
    'I5',
    'pieces that vanished',
    ({ stockDump }) => {
      first(stockDump.stock).totalCount = 90;
    },
  ],
  [
    'I5',
    'an addition counted twice',
    ({ stockDump }) => Object.assign(stockDump.stock[1] ?? {}, { totalCount: 8, addedTotal: 8 }),
  ],
  [
    'I5',
    'an acknowledged addition lost',
    ({ stockDump }) => {
      remove(stockDump.changes, ({ requestId }) => requestId === 'seed-2');
      remove(stockDump.stock, ({ productId }) => productId === 2);
    },
  ],
  [
    'I5',
    'an order confirmed though the stock service rejected it',
    ({ orderDump }) =>
      Object.assign(row(orderDump.orders, 'scarce'), { status: 'CONFIRMED', statusReason: '' }),
  ],
  [
    'I5',
    'an outcome reported that was never committed',
    ({ stockDump }) => {
      remove(stockDump.inbox, ({ txNo }) => txNo === 'a');
      Object.assign(first(stockDump.stock), { totalCount: 93, takenTotal: 7 });
    },
  ],
  ['I6', 'two verdicts', ({ history }) => void history.push(verdict('g1', 'ROLLBACK', 600))],
  ['I6', 'a verdict taken back', ({ history }) => void history.push(verdict('g2', 'UNKNOWN', 600))],
  [
    'I6',
    'a rollback that was never written down',
    ({ history }) => void history.push(verdict('g3', 'ROLLBACK', 600)),
  ],
  [
    'I6',
    'a commit of what is fenced',
    ({ history }) => {
      remove(history, (event) => event.type === 'verdict' && event.verdict === 'ROLLBACK');
      history.push(verdict('g2', 'COMMIT', 600));
    },
  ],
  [
    'I6',
    'a committed order under a fenced id',
    ({ orderDump }) => {
      row(orderDump.outbox, 'a').transactionId = 'g2';
    },
  ],
  [
    'I6',
    'a marker without its orders',
    ({ orderDump }) => void orderDump.groups.push({ transactionId: 'g9', state: 'LIVE' }),
  ],
  [
    'I7',
    'another order for the same request',
    ({ history }) => {
      const again = accepted('a', 1, 2);
      history.push({ ...again, answer: { txNo: 'a', orderNo: 'order-other', status: 'PENDING' } });
    },
  ],
  ['I7', 'two contents accepted', ({ history }) => void history.push(accepted('a', 1, 9))],
  [
    'I7',
    'the own content refused',
    ({ history }) => void history.push(failed('abc', 1, 3, 'ALREADY_EXISTS')),
  ],
  [
    'I7',
    'refused for an order that does not exist',
    ({ history }) => void history.push(failed('ghost', 1, 3, 'ALREADY_EXISTS')),
  ],
  [
    'I7',
    'no answer to be had',
    ({ history }) =>
      void history.push({
        type: 'gave-up',
        atMs: 900,
        txNo: 'Abc',
        productId: 1,
        payCount: 1,
        code: 'INTERNAL',
        message: '',
      }),
  ],
  ['I8', 'an answered order lost', ({ history }) => void history.push(accepted('lost', 1, 1))],
  [
    'I8',
    'an answered order stored under another number',
    ({ orderDump }) => {
      row(orderDump.orders, 'abc').orderNo = 'order-changed';
    },
  ],
  [
    'I8',
    'an answered order stored with other content',
    ({ orderDump, stockDump, history }) => {
      row(orderDump.orders, 'unknown').payCount = 7;
      row(stockDump.inbox, 'unknown').payCount = 7;
      for (const event of history) {
        if (event.type !== 'delivery') continue;
        const transactions = event.transactions.map((tx) =>
          tx[0] === 'unknown' ? ([tx[0], tx[1], 7] as const) : tx,
        );
        Object.assign(event, { transactions });
      }
    },
  ],
  [
    'I8',
    'an answered order not found',
    ({ history }) =>
      void history.push({
        type: 'read',
        replica: 1,
        txNo: 'abc',
        startMs: 300,
        endMs: 301,
        code: 'NOT_FOUND',
      }),
  ],
];

const delivery = { type: 'delivery', atMs: 160, kind: 'outbox', transactionId: '' } as const;

describe('checkRun', () => {
  it('finds nothing wrong with a good run', () => {
    const { violations, gaps } = check(goodRun());
    expect(violations).toEqual([]);
    expect(gaps).toEqual([]);
  });

  it.each(BREACHES)('%s: %s', (invariant, _name, breakRun) => {
    const run = goodRun();
    breakRun(run);
    const { violations } = check(run);
    expect(violations.length, 'violations').toBeGreaterThan(0);
    expect([...new Set(violations.map((violation) => violation.invariant))]).toEqual([invariant]);
    expect(Object.keys(violations[0]?.evidence ?? {}).length).toBeGreaterThan(0);
  });

  it('covers all invariants', () => {
    expect(new Set(BREACHES.map(([invariant]) => invariant)).size).toBe(8);
  });

  it('counts calls, faults, messages and duplicates', () => {
    const { counts } = check(goodRun()).facts;
    expect(counts.calls.get('SubmitOrder OK')).toBe(6);
    expect(counts.calls.get('SubmitOrder ALREADY_EXISTS')).toBe(1);
    expect(counts.calls.get('CheckTransaction OK')).toBe(5);
    expect(counts.faults).toEqual(new Map([['kill-relay', 1]]));
    expect(counts).toMatchObject({ messages: 2, duplicates: 2, decidedVerdicts: 3, crashes: 0 });
  });

  it('accepts a read that began before the answer', () => {
    const run = goodRun();
    run.history.push({ type: 'read', replica: 0, txNo: 'abc', startMs: 90, endMs: 91, code: 'NOT_FOUND' });
    expect(check(run).violations).toEqual([]);
  });

  it.each([
    ['no fault was injected', (run: RunFixture) => dropEvents(run, 'fault')],
    ['no verdict was seen', (run: RunFixture) => dropEvents(run, 'verdict')],
    ['no message was seen on the broker', (run: RunFixture) => dropEvents(run, 'delivery')],
  ])('says that a run proves nothing: %s', (gap, breakRun) => {
    const run = goodRun();
    breakRun(run);
    expect(check(run).gaps).toEqual([gap]);
  });

  it('says of an empty run that it proves nothing', () => {
    const empty = checkRun([], { orders: [], outbox: [], groups: [] }, emptyStock);
    expect(empty.gaps.length).toBeGreaterThan(5);
  });
});

const emptyStock = { stock: [], changes: [], inbox: [], deadLetters: [] };

function dropEvents(run: RunFixture, type: string): void {
  const kept = run.history.filter((event) => event.type !== type);
  run.history.splice(0, run.history.length, ...kept);
}
