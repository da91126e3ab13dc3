import { randomUUID } from 'node:crypto';
import type { TransactionConsumer, TransactionLedger } from '@txmsg/contracts';
import type { MessageType } from '@txmsg/contracts/messages';
import { isName } from '@txmsg/contracts/tx-no';
import { createQuietLog, type Logger } from '@txmsg/core';
import type { ServiceHandlers } from '@txmsg/grpc';
import { createColumnWatch, type Database } from '@txmsg/mysql';
import { type Counters, createCounters } from './consume/counters.js';
import { createGate } from './consume/gate.js';
import type {
  EachHandler,
  EachLimits,
  EachRegistration,
  GroupHandler,
  GroupRegistration,
} from './consume/handlers.js';
import { type Consumer, type ConsumerScope, startConsumer } from './consume/start-consumer.js';
import { createContentOf } from './domain/transaction.js';
import { completeEachLimits, completeLimits, type InboxLimits } from './inbox-limits.js';
import { runRetentionLoop } from './retention/retention-loop.js';
import { createConsumerHandlers } from './rpc/consumer-service.js';
import type { DatabaseCalls } from './rpc/database-calls.js';
import { createLedgerHandlers, type ReadTotals } from './rpc/ledger-service.js';
import { createInboxStore } from './store/inbox-store.js';
import { createInboxTables, type InboxTables, LATER_COLUMNS } from './store/tables.js';

/** What an inbox is made from. */
export interface InboxOptions {
  readonly database: Database;
  /** The consumer's name, which results carry: 1 to 64 of `[A-Za-z0-9_.-]`. */
  readonly consumer: string;
  /** `host:port` of the RocketMQ 5 proxies, separated by `;`. */
  readonly endpoints: string;
  /** The NORMAL topic of the outcomes. */
  readonly resultTopic: string;
  /** The consumer group, or that of each topic when the types are of several: a group must have one topic. */
  readonly consumerGroup: string | ((topic: string) => string);
  readonly logger: Logger;
  /** Where the records lie. Default: `txmsg_inbox` and its side tables. */
  readonly tables?: InboxTables;
  readonly limits?: Partial<InboxLimits>;
  /** Begins the names of the failpoints. Default `inbox`. */
  readonly failpoints?: string;
}

/** Handles transactional messages: each transaction takes effect once, and its outcome is published. */
export interface Inbox {
  /**
   * Handles the transactions of a type in groups.
   *
   * @throws RangeError when the type has a handler already, or the inbox has started
   */
  group<M>(type: MessageType<M>, handler: GroupHandler<M>): void;
  /**
   * Handles the transactions of a type one by one, each in a local transaction of its own. A handler that takes long, or
   * hangs until its deadline, delays its own message only.
   *
   * @throws RangeError when the type has a handler already, the inbox has started, or a limit is below 1
   */
  each<M>(type: MessageType<M>, limits: EachLimits, handler: EachHandler<M>): void;
  /**
   * Starts receiving, as soon as `resume` is called; the scope stops it.
   *
   * @param reportOutage told of failures that say, or may say, that the database is away
   * @throws RangeError when two topics have the same consumer group
   */
  start(scope: ConsumerScope, reportOutage: (error: unknown) => void): RunningInbox;
}

/** An inbox that has started. */
export interface RunningInbox {
  readonly counters: Readonly<Counters>;
  /** False while the database is away. */
  readonly isReceiving: boolean;
  /**
   * The database is there: receives from now on. Call it at each ping that succeeds, since it also finds out whether a
   * migration has added columns meanwhile.
   */
  resume(): Promise<void>;
  /** The database is away: receives nothing until `resume`. */
  pause(): void;
  /**
   * Makes the handlers of the consumer's contracts.
   *
   * @param readTotals reads the totals of the service's own books for the audit; none by default
   */
  createHandlers(calls: DatabaseCalls, readTotals?: ReadTotals): InboxHandlers;
}

/** The contracts that a consumer serves on its internal port. */
export interface InboxHandlers {
  readonly consumer: ServiceHandlers<typeof TransactionConsumer>;
  readonly ledger: ServiceHandlers<typeof TransactionLedger>;
}

/**
 * Makes an inbox; give it its handlers before it starts.
 *
 * @throws RangeError when the consumer's name is none
 */
export function createInbox(options: InboxOptions): Inbox {
  const { consumer } = options;
  if (!isName(consumer)) throw new RangeError(`a consumer is 1 to 64 of [A-Za-z0-9_.-], not ${consumer}`);
  const groups: GroupRegistration[] = [];
  const eachs: EachRegistration[] = [];
  let started = false;
  const register = <M>(type: MessageType<M>) => {
    if (started) throw new RangeError('the inbox has started');
    if ([...groups, ...eachs].some((one) => one.type.type === type.type)) {
      throw new RangeError(`message type ${type.type} has a handler already`);
    }
  };
  return {
    group(type, handler) {
      register(type);
      groups.push({ type, handler } as GroupRegistration);
    },
    each(type, limits, handler) {
      register(type);
      eachs.push({ type, handler, limits: completeEachLimits(limits) } as EachRegistration);
    },
    start(scope, reportOutage) {
      started = true;
      return startInbox({ ...options, groups, eachs, reportOutage }, scope);
    },
  };
}

interface StartOptions extends InboxOptions {
  readonly groups: readonly GroupRegistration[];
  readonly eachs: readonly EachRegistration[];
  readonly reportOutage: (error: unknown) => void;
}

function startInbox(options: StartOptions, scope: ConsumerScope): RunningInbox {
  const { database, logger, tables = createInboxTables() } = options;
  const limits = completeLimits(options.limits);
  const contentOf = createContentOf([...options.groups, ...options.eachs].map(({ type }) => type));
  const columns = createColumnWatch(database, tables.records.name, LATER_COLUMNS);
  const store = createInboxStore(tables, contentOf, columns);
  const gate = createGate();
  const counters = createCounters();
  scope.onStop('counters', () => logger.info({ counters }, 'what was done'));
  const parts = { ...options, limits, contentOf, store, gate, counters };
  const consumer = startConsumer(parts, scope);
  const retention = { ...limits, batchSize: limits.retentionBatch, intervalMs: limits.retentionIntervalMs };
  const unknownParticipant = createQuietLog(logger, 'error', 600_000);
  const forgetting = runRetentionLoop(
    { ...retention, database, store, logger, owner: randomUUID(), unknownParticipant },
    scope.signal,
  );
  scope.onStop('retention', () => forgetting);
  return {
    counters,
    get isReceiving() {
      return gate.isOpen;
    },
    async resume() {
      await columns.look();
      gate.open();
    },
    pause: () => gate.close(),
    createHandlers: (calls, readTotals) => ({
      consumer: consumerHandlers({ ...parts, ...consumer }, calls),
      ledger: createLedgerHandlers(calls, store, readTotals),
    }),
  };
}

function consumerHandlers(
  parts: Consumer &
    Pick<Parameters<typeof createConsumerHandlers>[0], 'store' | 'counters'> & {
      readonly logger: Logger;
      readonly gate: { readonly isOpen: boolean };
    },
  database: DatabaseCalls,
) {
  return createConsumerHandlers({
    ...parts,
    database,
    belowFloor: createQuietLog(parts.logger, 'error'),
    isReceiving: () => parts.gate.isOpen,
  });
}
