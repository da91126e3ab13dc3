export type { Participant } from './claim/participant.js';
export type { Keyed } from './domain/resolve-duplicates.js';
export { createOutbox, type Outbox, type OutboxOptions } from './outbox.js';
export { type OutboxConfig, outboxContradictions, outboxLimits, outboxSettings } from './outbox-settings.js';
export { connectRelays } from './publish/connect-relays.js';
export type { GroupDefinition, GroupProbe } from './publish/group-definition.js';
export type { GroupPath, GroupPathLimits } from './publish/group-path.js';
export type { RefusalWords } from './publish/refusals.js';
export {
  createRelayLink,
  type HalfMessage,
  type PreparedHalf,
  type RelayLink,
  type RelayLinkOptions,
} from './publish/relay-link.js';
export type { Publish } from './publish/staged-messages.js';
export type { OutboxTransaction, TransactionWork } from './publish/transaction.js';
export type { TransactionOutcome, TransactionPath } from './publish/transaction-path.js';
export type { OutageGuard } from './rpc/guard-outage.js';
export type { BookedTotal, BookedTransaction, Books, LedgerRange } from './rpc/ledger-service.js';
export type { SettledHook, SettlingTransaction, SqlHook } from './settle/hooks.js';
export type { PartialSettlement } from './settle/settle-batch.js';
export { createProbes, type ProbedDefinition, type Probes } from './store/probes.js';
export type { Settlement } from './store/settlement.js';
export { type OutboxTableNames, type OutboxTables, outboxTables } from './store/tables.js';
