import { accepted, type Breach, failed, removeRow, rowOf, verdict } from './good-run.js';

/** Runs in which I6 to I8 are broken, each in one way and nothing else. */
export const ANSWER_BREACHES: readonly Breach[] = [
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
      removeRow(history, (event) => event.type === 'verdict' && event.verdict === 'ROLLBACK');
      history.push(verdict('g2', 'COMMIT', 600));
    },
  ],
  [
    'I6',
    'a committed order under a fenced id',
    ({ orderDump }) => {
      rowOf(orderDump.outbox, 'a').transactionId = 'g2';
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
      rowOf(orderDump.orders, 'abc').orderNo = 'order-changed';
    },
  ],
  [
    'I8',
    'an answered order stored with other content',
    ({ orderDump, stockDump, history }) => {
      rowOf(orderDump.orders, 'unknown').payCount = 7;
      rowOf(stockDump.inbox, 'unknown').payCount = 7;
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
