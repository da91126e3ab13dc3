import type { MessageType } from '@txmsg/contracts/messages';
import type { Outcomes } from '@txmsg/contracts/results';
import type { Logger } from '@txmsg/core';
import { createColumnWatch, type Database } from '@txmsg/mysql';
import { createEachApplier } from '../consume/apply-each.js';
import { createGroupApplier } from '../consume/apply-group.js';
import { createCounters } from '../consume/counters.js';
import { createDecodeMessage, type Delivery } from '../consume/delivery.js';
import { createFailureCounts } from '../consume/failure-counts.js';
import { type Handled, type HandlerParts, handleDeliveries } from '../consume/handle-deliveries.js';
import type {
  EachHandler,
  EachLimits,
  EachRegistration,
  GroupHandler,
  GroupRegistration,
} from '../consume/handlers.js';
import { createKnownParticipants } from '../consume/known-participants.js';
import { createContentOf, type Decision } from '../domain/transaction.js';
import type { RunningInbox } from '../inbox.js';
import { completeEachLimits } from '../inbox-limits.js';
import { createConsumerHandlers } from '../rpc/consumer-service.js';
import { createLedgerHandlers } from '../rpc/ledger-service.js';
import { createInboxStore } from '../store/inbox-store.js';
import { createInboxTables, type InboxTables, LATER_COLUMNS } from '../store/tables.js';

/** An inbox without a broker: it handles deliveries that a test makes, and keeps their outcomes. */
export interface TestInbox extends HandlerParts {
  readonly published: Outcomes[];
  /** Set to false to make publishing fail. */
  publishing: boolean;
  /** The txNo of each transaction that took effect here, once for each time. */
  readonly applied: string[];
  /** Looks for the columns of the latest migration; `handle` does it before its first delivery. */
  detectColumns(): Promise<void>;
  handle(deliveries: readonly Delivery[]): Promise<readonly Handled[]>;
  /** The last outcome that was published for a txNo. */
  outcomeOf(txNo: string): Decision | undefined;
}

/** The handlers of a test inbox. */
export interface TestHandlers {
  readonly groups?: readonly GroupRegistration[];
  readonly eachs?: readonly EachRegistration[];
  readonly tables?: InboxTables;
  /** Of `eachs`: aborted at the stop. */
  readonly stopping?: AbortSignal;
}

/** A handler with its type, for `createTestInbox`. */
export function groupRegistration<M>(type: MessageType<M>, handler: GroupHandler<M>): GroupRegistration {
  return { type, handler } as GroupRegistration;
}

/** The same for a handler of single transactions. */
export function eachRegistration<M>(
  type: MessageType<M>,
  limits: EachLimits,
  handler: EachHandler<M>,
): EachRegistration {
  return { type, handler, limits: completeEachLimits(limits) } as EachRegistration;
}

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Makes an inbox on a database that has its tables. */
export function createTestInbox(
  database: Database,
  { groups = [], eachs = [], tables = createInboxTables(), ...stop }: TestHandlers,
  options: Partial<HandlerParts> = {},
): TestInbox {
  const types = [...groups, ...eachs].map(({ type }) => type);
  const contentOf = createContentOf(types);
  const columns = createColumnWatch(database, tables.records.name, LATER_COLUMNS);
  const store = createInboxStore(tables, contentOf, columns);
  const published: Outcomes[] = [];
  const inbox: TestInbox = {
    database,
    store,
    decode: createDecodeMessage(types),
    applyGroup: createGroupApplier({ database, store, contentOf, groups }),
    applyEach:
      eachs.length > 0
        ? createEachApplier({ ...stop, database, store, contentOf, eachs, retentionIntervalMs: 60_000 })
        : undefined,
    published,
    applied: [],
    publishing: true,
    outcomes: {
      async publish(outcomes) {
        if (inbox.publishing) published.push(outcomes);
        return inbox.publishing;
      },
    },
    participants: createKnownParticipants(database, store.watermarks),
    counters: createCounters(),
    logger: silent,
    maxTransactions: 2_000,
    maxAttempts: 5,
    failures: createFailureCounts(),
    belowFloor: () => undefined,
    badParticipant: () => undefined,
    reportOutage: () => undefined,
    ...options,
    detectColumns: () => columns.look(),
    async handle(deliveries) {
      await inbox.detectColumns();
      const handled = await handleDeliveries(inbox, deliveries);
      for (const { transaction, disposition } of handled.flatMap(({ result }) => result.applied)) {
        if (disposition.kind === 'decided' && disposition.decision.outcome === 'APPLIED') {
          inbox.applied.push(transaction.txNo);
        }
      }
      return handled;
    },
    outcomeOf: (txNo) => published.findLast(({ outcomes }) => outcomes.has(txNo))?.outcomes.get(txNo),
  };
  return inbox;
}

/** Makes the handlers of the contracts of a test inbox, as a running one does. */
export function createTestHandlers(
  inbox: TestInbox,
  isReceiving: () => boolean,
): Pick<RunningInbox, 'createHandlers'> {
  return {
    createHandlers: (calls, readTotals) => ({
      consumer: createConsumerHandlers({ ...inbox, database: calls, isReceiving }),
      ledger: createLedgerHandlers(calls, inbox.store, readTotals),
    }),
  };
}
