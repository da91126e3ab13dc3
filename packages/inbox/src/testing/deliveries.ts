import { randomUUID } from 'node:crypto';
import type { Delivery } from '../consume/delivery.js';

/** A first delivery of a body from `order-svc`, born now. */
export function delivery(body: unknown, overrides: Partial<Delivery> = {}): Delivery {
  return {
    topic: 'topic_txmsg',
    messageId: randomUUID(),
    body: Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    participant: 'order-svc',
    bornTimeMs: Date.now(),
    attempt: 1,
    ...overrides,
  };
}

/** An entry as order-svc writes it. */
export function txMessage(
  txNo: string,
  productId: bigint | number,
  payCount: number,
  createTimeMs = Date.now(),
) {
  return { productId: String(productId), payCount, txNo, createTime: String(createTimeMs) };
}

/** A first delivery of a message with one entry. */
export function single(txNo: string, productId: bigint | number, payCount: number): Delivery {
  return delivery({ txMessage: txMessage(txNo, productId, payCount) });
}
