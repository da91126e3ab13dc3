import { randomUUID } from 'node:crypto';
import type { Database } from '@txmsg/mysql';
import { type ApplyGroup, createGroupApplier, type GroupApplierParts } from '../consume/apply-group.js';
import type { Delivery } from '../consume/delivery.js';
import type { HandlerParts } from '../consume/handle-deliveries.js';
import { createContentOf } from '../domain/transaction.js';
import { createInboxStore } from '../store/inbox-store.js';
import { createTestInbox, type TestInbox } from '../testing/test-inbox.js';
import { shelfGroup, shelfTables, shelfType } from './shelf.js';

const contentOf = createContentOf([shelfType]);

/** The store of the test service. */
export const store = createInboxStore(shelfTables, contentOf, { present: true });

/** A consumer of the test service. */
export type TestHandler = TestInbox;

/** Makes a consumer of the test service on a database. */
export function createTestHandler(database: Database, options: Partial<HandlerParts> = {}): TestHandler {
  return createTestInbox(database, { groups: [shelfGroup], tables: shelfTables }, options);
}

/** Makes the function that applies groups of the test service. */
export function createTestApplier(database: Database, options: Partial<GroupApplierParts> = {}): ApplyGroup {
  return createGroupApplier({ database, store, contentOf, groups: [shelfGroup], ...options });
}

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

/** A delivery of a group of one. */
export function single(txNo: string, productId: bigint | number, payCount: number): Delivery {
  return delivery({ txMessage: txMessage(txNo, productId, payCount) });
}
