import { accepted, type Breach, deadLetter, delivery, firstRow, removeRow, rowOf } from './good-run.js';

/** Runs in which I1 to I5 are broken, each in one way and nothing else. */
export const STOCK_BREACHES: readonly Breach[] = [
  [
    'I1',
    'a stock transaction without an order',
    ({ stockDump }) => void stockDump.inbox.push({ ...rowOf(stockDump.inbox, 'unknown'), txNo: 'ghost' }),
  ],
  [
    'I1',
    'a stock transaction with other content',
    ({ stockDump }) => {
      rowOf(stockDump.inbox, 'unknown').payCount = 8;
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
    ({ stockDump }) => void stockDump.deadLetters.push(deadLetter('CONTENT_MISMATCH')),
  ],
  [
    'I2',
    'an order that is never settled',
    ({ orderDump, stockDump }) => {
      rowOf(orderDump.orders, 'unknown').status = 'PENDING';
      rowOf(orderDump.outbox, 'unknown').state = 'PENDING';
      removeRow(stockDump.inbox, ({ txNo }) => txNo === 'unknown');
    },
  ],
  [
    'I2',
    'an applied order whose outcome is lost',
    ({ orderDump }) => {
      rowOf(orderDump.orders, 'a').status = 'PENDING';
      rowOf(orderDump.outbox, 'a').state = 'PENDING';
    },
  ],
  [
    'I2',
    'an order without a row in the outbox',
    ({ orderDump }) => removeRow(orderDump.outbox, ({ txNo }) => txNo === 'a'),
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
    ({ stockDump }) => void stockDump.deadLetters.push(deadLetter('APPLY_FAILED')),
  ],
  [
    'I3',
    'stock taken twice',
    ({ stockDump }) => Object.assign(firstRow(stockDump.stock), { totalCount: 89, takenTotal: 11 }),
  ],
  [
    'I3',
    'a transaction recorded but its stock not taken',
    ({ stockDump }) => Object.assign(firstRow(stockDump.stock), { totalCount: 93, takenTotal: 7 }),
  ],
  [
    'I3',
    'a txNo recorded twice',
    ({ stockDump }) => void stockDump.inbox.push({ ...rowOf(stockDump.inbox, 'unknown') }),
  ],
  [
    'I4',
    'stock below zero',
    ({ stockDump, orderDump }) => {
      Object.assign(rowOf(stockDump.inbox, 'scarce'), { outcome: 'APPLIED', reason: '' });
      Object.assign(rowOf(orderDump.orders, 'scarce'), { status: 'CONFIRMED', statusReason: '' });
      Object.assign(stockDump.stock[1] ?? {}, { totalCount: -1, takenTotal: 5 });
    },
  ],
  [
    'I4',
    'a rejection without a reason',
    ({ stockDump, orderDump }) => {
      rowOf(stockDump.inbox, 'scarce').reason = '';
      rowOf(orderDump.orders, 'scarce').statusReason = '';
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
      rowOf(stockDump.inbox, 'scarce').reason = 'UNKNOWN_PRODUCT';
      rowOf(orderDump.orders, 'scarce').statusReason = 'UNKNOWN_PRODUCT';
    },
  ],
  [
    'I5',
    'pieces that vanished',
    ({ stockDump }) => {
      firstRow(stockDump.stock).totalCount = 90;
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
      removeRow(stockDump.changes, ({ requestId }) => requestId === 'seed-2');
      removeRow(stockDump.stock, ({ productId }) => productId === 2);
    },
  ],
  [
    'I5',
    'an order confirmed though the stock service rejected it',
    ({ orderDump }) =>
      Object.assign(rowOf(orderDump.orders, 'scarce'), { status: 'CONFIRMED', statusReason: '' }),
  ],
  [
    'I5',
    'an outcome reported that was never committed',
    ({ stockDump }) => {
      removeRow(stockDump.inbox, ({ txNo }) => txNo === 'a');
      Object.assign(firstRow(stockDump.stock), { totalCount: 93, takenTotal: 7 });
    },
  ],
];
