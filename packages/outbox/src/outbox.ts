import { TransactionLedger, TransactionParticipant } from '@txmsg/contracts';
import type { MessageType } from '@txmsg/contracts/messages';
import type { Logger } from '@txmsg/core';
import { type ServiceEntry, serviceEntry } from '@txmsg/grpc';
import { createColumnWatch, type Database, type DatabaseClock, type DatabaseMonitor } from '@txmsg/mysql';
import { type AnyDefinition, createParticipant, type Participant } from './claim/participant.js';
import { MessageTypes } from './domain/message-types.js';
import type { RepublicationLimits } from './domain/republication.js';
import type { Keyed } from './domain/resolve-duplicates.js';
import type { VerdictLimits } from './domain/verdict.js';
import type { GroupDefinition } from './publish/group-definition.js';
import { createGroupPath, type GroupPath, type GroupPathLimits } from './publish/group-path.js';
import { createRefusals, type RefusalWords } from './publish/refusals.js';
import type { RelayLink } from './publish/relay-link.js';
import { createTransactionPath, missingColumns, type TransactionPath } from './publish/transaction-path.js';
import { runRetention } from './retention/retention.js';
import { createOutageGuard, type OutageGuard } from './rpc/guard-outage.js';
import { type Books, createLedgerService } from './rpc/ledger-service.js';
import { createParticipantService } from './rpc/participant-service.js';
import { type SettledHook, SettlementHooks, type SqlHook } from './settle/hooks.js';
import { LATER_COLUMNS, type OutboxTables } from './store/tables.js';

/** What an outbox works with. Whoever made a part closes it, after `drain`. */
export interface OutboxOptions extends RepublicationLimits, VerdictLimits {
  readonly database: Database;
  readonly clock: DatabaseClock;
  readonly monitor: Pick<DatabaseMonitor, 'available' | 'check' | 'reportOutage'>;
  readonly relay: RelayLink;
  readonly logger: Logger;
  readonly tables: OutboxTables;
  /** All message types that this service publishes. */
  readonly messages: readonly MessageType<unknown>[];
  /** Transactions per message at most. */
  readonly maxGroupSize: number;
  /** Pause between looks for rows to purge, in milliseconds. */
  readonly retentionEveryMs: number;
  readonly words: RefusalWords;
  /** What the audit compares; without it the outbox serves no ledger. */
  readonly books?: Books;
  /**
   * Time that a settlement hook of the service's own code may take, in milliseconds; below the deadline of the database's
   * transactions. Default 1000.
   */
  readonly hookDeadlineMs?: number;
  /**
   * Time that the callback of `transaction` may take, in milliseconds; below the deadline of the database's transactions, and
   * half of the fence time at most. Default 2000, or a
   * quarter of the fence time when that is less.
   */
  readonly callbackDeadlineMs?: number;
  /** Pause between looks for outcomes that another replica has settled, in milliseconds. Default 500. */
  readonly watchPollMs?: number;
  /** What the names of its failpoints begin with. Default `outbox`. */
  readonly failpoints?: string;
}

/** The outbox of a service: messages that leave exactly when their local transaction commits, and their outcomes. */
export interface Outbox extends TransactionPath {
  /**
   * The path for many small uniform writes: they are written in groups.
   *
   * @throws Error when the outbox has such a path already, or its type isn't among the messages
   */
  group<Row extends Keyed, Stored extends Keyed, M>(
    definition: GroupDefinition<Row, Stored, M>,
    limits: GroupPathLimits,
  ): GroupPath<Row, Stored>;
  /** Runs the service's own code with outcomes, in the local transaction that settles them. One hook per type. */
  onSettled(type: MessageType<unknown>, hook: SettledHook): void;
  /** Runs statements with outcomes, in the local transaction that settles them: the hot path. One hook per type. */
  onSettledSql(type: MessageType<unknown>, hook: SqlHook): void;
  /** TransactionParticipant, and TransactionLedger when there are books: for the internal port. */
  readonly entries: readonly ServiceEntry[];
  readonly participant: Participant;
  /** For the service's own RPCs that read the same database. */
  readonly guard: OutageGuard;
  /** To be called after the start's checks and at each ping of the database: looks for the columns of a later schema. */
  onPing(): Promise<void>;
  /** To be called when the database has gone: refuses all that wait. */
  onDatabaseGone(error: unknown): void;
  /** Looks for outcomes and purges, until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>;
  /** Accepts nothing from now on. */
  stop(): void;
  /** Waits until all that was accepted is written. */
  drain(): Promise<void>;
}

/** What the paths of an outbox share. */
interface Running {
  readonly onSettled: (txNos: readonly string[]) => void;
  readonly rejectAll: (error: unknown) => void;
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly stop: () => void;
  readonly drain: () => Promise<void>;
}

const HOOK_DEADLINE_MS = 1_000;
const CALLBACK_DEADLINE_MS = 2_000;
const WATCH_POLL_MS = 500;

/**
 * Makes an outbox; its hooks and its group path are registered before `run`.
 *
 * @throws RangeError when a callback may take longer than half of the fence time
 */
export function createOutbox(options: OutboxOptions): Outbox {
  const { database, tables, logger, words, failpoints = 'outbox' } = options;
  const types = new MessageTypes(options.messages);
  const hooks = new SettlementHooks();
  const columns = createColumnWatch(database, tables.logName, LATER_COLUMNS);
  const refusals = createRefusals(words);
  const guard = createOutageGuard(words.database, refusals, (error) => options.monitor.reportOutage(error));
  const shared = {
    ...options,
    columns,
    types,
    guard,
    failpoints,
    watchPollMs: options.watchPollMs ?? WATCH_POLL_MS,
  };
  let definition: AnyDefinition | undefined;
  const participant = createParticipant({
    ...shared,
    hooks,
    hookDeadlineMs: options.hookDeadlineMs ?? HOOK_DEADLINE_MS,
    definition: () => definition,
    onSettled: (txNos) => {
      for (const { onSettled } of running) onSettled(txNos);
    },
  });
  const transactions = createTransactionPath({
    ...shared,
    callbackDeadlineMs: callbackDeadlineMs(options),
    firstRelayDelayMs: participant.giveFirstDelayMs,
    readUntyped: async (db, txNos) => (await definition?.readMessages(db, txNos)) ?? [],
  });
  const running: Running[] = [transactions.running];
  return {
    participant,
    guard,
    transaction: transactions.transaction,
    settled: transactions.settled,
    group(groupDefinition, limits) {
      types.setUntyped(groupDefinition.type);
      definition = groupDefinition as unknown as AnyDefinition;
      const path = createGroupPath(groupDefinition, {
        ...shared,
        ...limits,
        refusals,
        firstRelayDelayMs: participant.giveFirstDelayMs,
      });
      running.push(path.running);
      return path;
    },
    onSettled(type, hook) {
      types.require(type);
      hooks.addCode(type.type, hook);
    },
    onSettledSql(type, hook) {
      types.require(type);
      hooks.addSql(type.type, hook);
    },
    entries: entriesOf(options, participant, guard),
    async onPing() {
      await columns.look();
      if (!columns.present && types.names.length > 1) throw missingColumns(tables);
    },
    onDatabaseGone(error) {
      for (const { rejectAll } of running) rejectAll(error);
    },
    async run(signal) {
      const { watermark } = participant;
      const retention = runRetention({ ...options, logger, watermark }, signal);
      await Promise.all([retention, ...running.map(({ run }) => run(signal))]);
    },
    stop() {
      for (const { stop } of running) stop();
    },
    drain: async () => void (await Promise.all(running.map(({ drain }) => drain()))),
  };
}

function callbackDeadlineMs({ callbackDeadlineMs: given, fenceMs }: OutboxOptions): number {
  const deadlineMs = given ?? Math.min(CALLBACK_DEADLINE_MS, fenceMs / 4);
  if (deadlineMs <= fenceMs / 2) return deadlineMs;
  throw new RangeError(`a callback may take ${fenceMs / 2} ms at most, half of the fence time`);
}

function entriesOf(
  { database, books }: OutboxOptions,
  participant: Participant,
  guard: OutageGuard,
): ServiceEntry[] {
  const entries: ServiceEntry[] = [
    serviceEntry(TransactionParticipant, createParticipantService(participant, guard)),
  ];
  if (books) entries.push(serviceEntry(TransactionLedger, createLedgerService(database, books, guard)));
  return entries;
}
