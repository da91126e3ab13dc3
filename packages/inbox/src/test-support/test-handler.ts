import type { Database } from '@txmsg/mysql';
import { type ApplyGroup, createGroupApplier, type GroupApplierParts } from '../consume/apply-group.js';
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
