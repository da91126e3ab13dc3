import { takeStock } from '@txmsg/contracts/messages';
import { createTestInbox, groupRegistration, type TestInbox } from '@txmsg/inbox/testing';
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
