import { randomUUID } from 'node:crypto';
import { takeStock } from '@txmsg/contracts/messages';
import { createTestInbox, type Delivery, groupRegistration, type TestInbox } from '@txmsg/inbox/testing';
import type { Database } from '@txmsg/mysql';
import { inboxTables } from '../store/schema.js';
import { stockHandler } from '../store/stock-handler.js';

const groups = [groupRegistration(takeStock('topic_txmsg'), stockHandler)];

/** The stock service's consumer without a broker; its outcomes are kept instead of being published. */
export type TestHandler = TestInbox;

/** Makes a handler on a database. */
export function createTestHandler(database: Database): TestHandler {
  return createTestInbox(database, { groups, tables: inboxTables });
}

/** A first delivery of a body from `order-svc`, born now. */
export function delivery(body: unknown): Delivery {
  return {
    topic: 'topic_txmsg',
    messageId: randomUUID(),
    body: Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    participant: 'order-svc',
    bornTimeMs: Date.now(),
    attempt: 1,
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

/** A delivery of a group of one. */
export function single(txNo: string, productId: bigint | number, payCount: number): Delivery {
  return delivery({ txMessage: txMessage(txNo, productId, payCount) });
}
