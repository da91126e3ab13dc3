import type { Transaction } from './transaction.js';

const TX_NO = /^[A-Za-z0-9_.:-]{1,64}$/;
const MAX_PAY_COUNT = 1_000_000;
/** The last millisecond that a DATETIME of the database can hold: the end of the year 9999. */
const MAX_TIME_MS = 253_402_300_799_999;

/** The name is a txNo: 1 to 64 of `[A-Za-z0-9_.:-]`. */
export function isTxNo(value: unknown): value is string {
  return typeof value === 'string' && TX_NO.test(value);
}

/**
 * What is wrong with a transaction, field by field; empty when it is right. These are the rules that stand in
 * message.proto (a test compares them); written out here since each order passes them.
 */
export function transactionFaults(transaction: Transaction): string[] {
  const faults: string[] = [];
  if (transaction.productId <= 0n) faults.push('product_id: must be greater than 0');
  if (transaction.payCount < 1 || transaction.payCount > MAX_PAY_COUNT) {
    faults.push(`pay_count: must be from 1 to ${MAX_PAY_COUNT}`);
  }
  if (!isTxNo(transaction.txNo)) faults.push('tx_no: must be 1 to 64 of [A-Za-z0-9_.:-]');
  if (transaction.createTimeMs < 0 || transaction.createTimeMs > MAX_TIME_MS) {
    faults.push('create_time: must be milliseconds since the epoch');
  }
  return faults;
}
