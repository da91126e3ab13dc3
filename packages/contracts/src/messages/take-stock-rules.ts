import { keyFaults } from '../tx-no.js';
import type { TransactionMessage } from './message-type.js';

/** What a TakeStock message asks for: take `payCount` pieces of `productId`. */
export interface TakeStock {
  readonly productId: bigint;
  readonly payCount: number;
}

/** The name of the message type. */
export const TAKE_STOCK = 'TakeStock';

const MAX_PAY_COUNT = 1_000_000;

/**
 * What is wrong with a transaction, field by field; empty when it is right. These are the rules of message.proto, and
 * the range of plausible times. They are written out because each order passes them; a test holds the two equal.
 */
export function takeStockFaults({
  txNo,
  createTimeMs,
  message: { productId, payCount },
}: TransactionMessage<TakeStock>): string[] {
  const faults: string[] = [];
  if (productId <= 0n) faults.push('productId: must be greater than 0');
  if (payCount < 1 || payCount > MAX_PAY_COUNT) faults.push(`payCount: must be from 1 to ${MAX_PAY_COUNT}`);
  const others = keyFaults(txNo, createTimeMs);
  return faults.length === 0 ? others : [...faults, ...others];
}
