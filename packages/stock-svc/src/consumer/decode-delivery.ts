import { type BodyFault, createBodyDecoder, takeStock } from '@txmsg/contracts/messages';
import type { Transaction } from '../domain/transaction.js';
import type { Delivery } from './delivery.js';

/** What a message body holds: transactions that can be handled, and faults. */
export interface DecodedBody {
  readonly transactions: readonly Transaction[];
  readonly faults: readonly BodyFault[];
}

const decodeTakeStock = createBodyDecoder([takeStock('')]);

/** Decodes a delivery's body, or tells why it could not even be opened. */
export function decodeDelivery(
  { body, unreadable, bornTimeMs, type }: Delivery,
  receivedMs: number,
): DecodedBody {
  return unreadable
    ? { transactions: [], faults: [{ reason: unreadable.code, detail: unreadable.detail }] }
    : decodeBody(body, bornTimeMs || receivedMs, type);
}

/**
 * Decodes a body, whatever it holds.
 *
 * @param bornTimeMs stands in for a missing create time
 * @param type the message type that the message names, if any
 */
export function decodeBody(body: Uint8Array, bornTimeMs: number, type?: string): DecodedBody {
  const { transactions, faults } = decodeTakeStock(body, bornTimeMs, type);
  return {
    transactions: transactions.map(({ txNo, createTimeMs, message: { productId, payCount } }) => ({
      txNo,
      productId,
      payCount,
      createTimeMs,
    })),
    faults,
  };
}
