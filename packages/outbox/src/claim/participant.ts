import { type Logger, TxmsgError } from '@txmsg/core';
import type { Database, DatabaseClock } from '@txmsg/mysql';
import type { MessageTypes } from '../domain/message-types.js';
import { LagTracker, type RepublicationLimits } from '../domain/republication.js';
import type { Keyed } from '../domain/resolve-duplicates.js';
import type { Verdict, VerdictLimits } from '../domain/verdict.js';
import type { GroupDefinition } from '../publish/group-definition.js';
import type { SettlementHooks } from '../settle/hooks.js';
import { createSettler, type Settler } from '../settle/settler.js';
import { oldestUnsettled } from '../store/claims.js';
import { checkTransaction, isLogged } from '../store/markers.js';
import type { OutboxTables } from '../store/tables.js';
import { type Claimer, createClaimer } from './claimer.js';
import { createWatermark, type Watermark } from './watermark.js';

/** A transaction participant: what its gRPC contract does, without gRPC. */
export interface Participant extends Claimer, Settler {
  /** The verdict on a transaction_id; `createTimeMs` is the stamp on its message, undefined when it has none. */
  check(transactionId: string, createTimeMs: number | undefined): Promise<Verdict>;
  /** COMMIT when the transaction exists, else UNKNOWN. Never fences. */
  checkByTxNo(txNo: string): Promise<Verdict>;
  /** Every transaction created before this time is settled, and stays settled. Undefined while it is not known. */
  readonly watermark: Watermark;
}

/** What a participant works with. */
export interface ParticipantOptions extends RepublicationLimits, VerdictLimits {
  readonly database: Database;
  readonly clock: DatabaseClock;
  readonly logger: Logger;
  readonly tables: OutboxTables;
  /** Whether the table has the columns of the second schema. */
  readonly columns: { readonly present: boolean };
  readonly types: MessageTypes;
  readonly hooks: SettlementHooks;
  readonly hookDeadlineMs: number;
  /** Of the type that has one; undefined while none has. */
  readonly definition: () => AnyDefinition | undefined;
  readonly maxGroupSize: number;
  /** Told of the txNos of each settlement made here. */
  readonly onSettled: (txNos: readonly string[]) => void;
  readonly failpoints: string;
}

/** What reading needs of a group definition. */
export type AnyDefinition = Pick<GroupDefinition<Keyed, Keyed, unknown>, 'find' | 'readMessages'>;

/** A lag counts for one to two times this many first delays after it was seen. */
const LAG_WINDOWS = 3;

/** Makes the participant. */
export function createParticipant(options: ParticipantOptions): Participant {
  const { database, tables, clock, definition, types, columns } = options;
  const lag = new LagTracker(LAG_WINDOWS * options.firstMs);
  const watermark = createWatermark({
    readOldest: () => database.run((db) => oldestUnsettled(db, tables)),
    fenceMs: options.fenceMs,
    logger: options.logger,
  });
  const claimer = createClaimer({
    ...options,
    watermark,
    lagMs: () => lag.lagMs(performance.now()),
    readUntyped: async (db, txNos) => (await definition()?.readMessages(db, txNos)) ?? [],
  });
  const settler = createSettler({
    ...options,
    recordLag: (sampleMs) => lag.record(sampleMs, performance.now()),
  });
  /** Without its type a row would be taken for one of another type: claimed with another content, or settled without its hook. */
  const requireTypes = () => {
    if (!columns.present && types.names.length > 1)
      throw new TxmsgError('UNAVAILABLE', 'the types of transactions are not known yet', {
        retryDelayMs: 1_000,
      });
  };
  return {
    ...claimer,
    ...settler,
    async claim(maxTransactions) {
      requireTypes();
      return claimer.claim(maxTransactions);
    },
    async settle(settlements, deliveryLagMs, consumer) {
      requireTypes();
      return settler.settle(settlements, deliveryLagMs, consumer);
    },
    watermark,
    check: (transactionId, createTimeMs) =>
      checkTransaction(database, tables, { transactionId, createTimeMs, nowMs: clock.nowMs() }, options),
    async checkByTxNo(txNo) {
      // A service's own rows outlive those of the outbox.
      const stored = (await database.run(async (db) => definition()?.find(db, [txNo]))) ?? [];
      return stored.length > 0 || (await isLogged(database, tables, txNo)) ? 'COMMIT' : 'UNKNOWN';
    },
  };
}
