import type { Transaction } from './transaction.js';

const TX_NO = /^[A-Za-z0-9_.:-]{1,64}$/;
const MAX_PAY_COUNT = 1_000_000;
/** Seconds since the epoch look like a time before 2001 until the year 32,000, microseconds like one after 2099 since February 1970. */
const MIN_TIME_MS = Date.UTC(2001, 0, 1);
const END_TIME_MS = Date.UTC(2100, 0, 1);

/** The name is a txNo: 1 to 64 of `[A-Za-z0-9_.:-]`. */
export function isTxNo(value: unknown): value is string {
  return typeof value === 'string' && TX_NO.test(value);
}

/** The time may be one in milliseconds since the epoch: it lies in the years 2001 to 2099. */
export function isPlausibleTime(timeMs: number): boolean {
  return timeMs >= MIN_TIME_MS && timeMs < END_TIME_MS;
}

/**
 * What is wrong with a transaction, field by field; empty when it is right. These are the rules that stand in
 * message.proto (a test compares them), and times that can be; written out here since each order passes them.
 */
export function transactionFaults(transaction: Transaction): string[] {
  const faults: string[] = [];
  if (transaction.productId <= 0n) faults.push('productId: must be greater than 0');
  if (transaction.payCount < 1 || transaction.payCount > MAX_PAY_COUNT) {
    faults.push(`payCount: must be from 1 to ${MAX_PAY_COUNT}`);
  }
  if (!isTxNo(transaction.txNo)) faults.push('txNo: must be 1 to 64 of [A-Za-z0-9_.:-]');
  if (!isPlausibleTime(transaction.createTimeMs)) {
    faults.push(
      `createTime: ${transaction.createTimeMs} must be milliseconds since the epoch, in the years 2001 to 2099`,
    );
  }
  return faults;
}
