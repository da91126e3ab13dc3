export type {
  EachHandler,
  EachLimits,
  GroupHandler,
  HandlerTransaction,
  RowLocks,
} from './consume/handlers.js';
export { Rejected } from './consume/handlers.js';
export type { ConsumerScope } from './consume/start-consumer.js';
export type { Decision, Fresh, RecordedTransaction } from './domain/transaction.js';
export { APPLIED } from './domain/transaction.js';
export {
  createInbox,
  type Inbox,
  type InboxHandlers,
  type InboxOptions,
  type RunningInbox,
} from './inbox.js';
export type { InboxLimits } from './inbox-limits.js';
export { type InboxConfig, inboxContradictions, inboxOptions, inboxSettings } from './inbox-settings.js';
export { createDatabaseCalls, type DatabaseCalls } from './rpc/database-calls.js';
export type { AccountTotal } from './rpc/ledger-service.js';
export { readPage } from './rpc/page-token.js';
export { failureKind } from './store/failure-kind.js';
export { createInboxStore, type InboxStore } from './store/inbox-store.js';
export {
  type ContentColumns,
  createInboxTables,
  type InboxTables,
  inboxRows,
  laterRecordColumns,
  optionalColumns,
  type RecordTable,
  recordColumns,
  txmsgInbox,
} from './store/tables.js';
