import { type Breach, inboxRow, removeRow, rowOf } from './good-run.js';

/** Runs in which a message of a stranger was handled wrongly, each in one way. */
export const STRANGER_BREACHES: readonly Breach[] = [
  [
    'I1',
    "stock of another product taken for a stranger's number",
    ({ stockDump }) => {
      const rounded = { productId: Number.NaN, productText: '12345678901234568' };
      stockDump.inbox.push({ ...inboxRow('stranger-2', 1, 1, 'UNKNOWN_PRODUCT'), ...rounded });
    },
  ],
  [
    'I1',
    "a stranger's transaction with another count",
    ({ stockDump }) => {
      rowOf(stockDump.inbox, 'stranger-1').payCount = 2;
      Object.assign(stockDump.stock[2] ?? {}, { totalCount: 8, takenTotal: 2 });
    },
  ],
  [
    'I2',
    "a stranger's message acked without a trace",
    ({ stockDump }) => removeRow(stockDump.deadLetters, ({ bodyHash }) => bodyHash === 'hash-2'),
  ],
  [
    'I2',
    "a stranger's valid message not applied",
    ({ stockDump }) => {
      removeRow(stockDump.inbox, ({ txNo }) => txNo === 'stranger-1');
      Object.assign(stockDump.stock[2] ?? {}, { totalCount: 10, takenTotal: 0 });
    },
  ],
];
