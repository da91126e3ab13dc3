import { createQuietLog, failpoint, type Logger } from '@txmsg/core';
import {
  isDeadlock,
  isLockWait,
  isOutage,
  mysqlErrorNumber,
  type Queryable,
  transactAgain,
} from '@txmsg/mysql';
import { lagSampleMs } from '../domain/republication.js';
import { oldestUnsettledOf, readKnown, type Settlement, type SettlementRecord } from '../store/settlement.js';
import { asciiReason } from './ascii-reason.js';
import { HookFailedError, txNosOf } from './hooks.js';
import { isolateHooks } from './isolate-hooks.js';
import { planParts } from './plan-parts.js';
import { addSettlements, nothingSettled, settleAroundLocks } from './settle-around-locks.js';
import {
  createSettleBatch,
  type PartialSettlement,
  type SettleBatch,
  type SettleBatchOptions,
} from './settle-batch.js';
import { createStuck, type Stuck, type StuckTransaction } from './stuck.js';

/** What settling works with. */
export interface SettlerOptions extends Omit<SettleBatchOptions, 'onContradiction'> {
  readonly logger: Logger;
  /** Whether the table has the columns of the second schema. */
  readonly columns: { readonly present: boolean };
  /** No lag below half of this delays anything, in milliseconds. */
  readonly firstMs: number;
  /** Told how long deliveries take now, in milliseconds. */
  readonly recordLag: (sampleMs: number) => void;
  /** Told of the txNos of each settlement made here. */
  readonly onSettled: (txNos: readonly string[]) => void;
  /** Of `before-settle-commit`, as in `order.before-settle-commit`. */
  readonly failpoints: string;
}

/** Settles transactions. */
export interface Settler {
  /**
   * @param deliveryLagMs the consumer's measure; undefined when it sent none
   * @param consumer who decided; undefined when the relay doesn't say
   */
  settle(
    settlements: readonly Settlement[],
    deliveryLagMs: number | undefined,
    consumer?: string,
  ): Promise<PartialSettlement>;
  readonly stuck: Stuck;
  /** The next stuck ones after a tx_no. Those that another replica has settled meanwhile are forgotten. */
  listStuck(after: string, limit: number): Promise<readonly StuckTransaction[]>;
}

/** How long a transaction that meets deadlocks is run again. */
const DEADLOCKS = { budgetMs: 2_000, isContention: isDeadlock };
/** Texts that the database's character set can't hold: 1366 at the server, 3988 while it is sent. */
const UNSTORABLE_TEXT: ReadonlySet<number | undefined> = new Set([1366, 3988]);
/** Below the deadline of a relay's call, 5 s, with one attempt more. */
const ISOLATION_MS = 1_500;

/**
 * Makes the settler. The plain case is one transaction; a lock that another session keeps, or a hook that fails, costs its
 * own transaction only.
 */
export function createSettler(options: SettlerOptions): Settler {
  const { clock, logger, onSettled } = options;
  const stuck = createStuck();
  const tellContradiction = createQuietLog(logger, 'error');
  const tellStuck = createQuietLog(logger, 'error');
  const settleBatch = createSettleBatch({
    ...options,
    onContradiction: ({ txNo, outcome }, onRecord) =>
      tellContradiction(
        { txNo, outcome, onRecord, code: 'CONTRADICTING_OUTCOME' },
        'an outcome contradicts the one on record, which stands',
      ),
  });
  return {
    stuck,
    listStuck: (after, limit) => listStuck(options, stuck, after, limit),
    async settle(settlements, deliveryLagMs, consumer) {
      const nowMs = clock.nowMs();
      const batch = firstOfEach(settlements, tellContradiction);
      const { parts, waiting } = planParts(batch, stuck, nowMs);
      const result = await isolateHooks(parts, {
        settle: createSettling(options, settleBatch, { deliveryLagMs, consumer, nowMs }),
        budgetMs: ISOLATION_MS,
        onFailed(txNo, failure, together) {
          stuck.failed(txNo, failure, together, nowMs);
          const { type, thrown } = failure;
          tellStuck({ err: thrown, type, txNo }, 'a settlement hook fails; its transactions wait');
        },
      });
      if (stuck.size > 0) {
        const unsettled = new Set(result.unsettled);
        stuck.forget(
          parts.flatMap((part) => txNosOf(part.settlements)).filter((txNo) => !unsettled.has(txNo)),
        );
      }
      onSettled(txNosOf(settlements));
      return waiting.length === 0 ? result : addSettlements(result, nothingSettled(waiting));
    },
  };
}

async function listStuck(
  { database, tables }: SettlerOptions,
  stuck: Stuck,
  after: string,
  limit: number,
): Promise<readonly StuckTransaction[]> {
  for (;;) {
    const found = stuck.list(after, limit);
    if (found.length === 0) return found;
    const txNos = found.map(({ txNo }) => txNo);
    const known = await database.run((db) => readKnown(db, tables, txNos, false));
    const pending = new Set(known.filter(({ state }) => state === 'PENDING').map(({ txNo }) => txNo));
    if (pending.size === found.length) return found;
    stuck.forget(txNos.filter((txNo) => !pending.has(txNo)));
  }
}

/** The first outcome of each transaction: others in the same batch are repetitions, or contradict it. */
function firstOfEach(
  settlements: readonly Settlement[],
  tellContradiction: (fields: object, message: string) => void,
): readonly Settlement[] {
  const firsts = new Map<string, Settlement>();
  for (const settlement of settlements) {
    const first = firsts.get(settlement.txNo);
    if (first === undefined) firsts.set(settlement.txNo, settlement);
    else if (first.outcome !== settlement.outcome)
      tellContradiction(
        { txNo: first.txNo, code: 'CONTRADICTING_OUTCOME' },
        'two outcomes of one transaction came together; the first stands',
      );
  }
  return firsts.size === settlements.length ? settlements : [...firsts.values()];
}

/** How a batch, or a part of it, is settled: around locks, with reasons that the database can hold. */
function createSettling(
  { database, tables, firstMs, columns, recordLag, failpoints }: SettlerOptions,
  settleBatch: SettleBatch,
  call: {
    readonly deliveryLagMs: number | undefined;
    readonly consumer: string | undefined;
    readonly nowMs: number;
  },
): (batch: readonly Settlement[]) => Promise<PartialSettlement> {
  const { deliveryLagMs, consumer, nowMs } = call;
  const record: SettlementRecord = { now: new Date(nowMs), consumer, keepsOutcome: columns.present };
  return async (batch) => {
    let oldestMs: number | undefined;
    const inTransaction = (settle: SettleBatch['all']) => (part: readonly Settlement[]) =>
      transactAgain(database, DEADLOCKS, async (tx) => {
        const oldest = await oldestThatMatters(tx, txNosOf(part));
        const result = await settle(tx, part, record);
        await failpoint(`${failpoints}.before-settle-commit`);
        if (oldest) oldestMs = Math.min(oldestMs ?? oldest.getTime(), oldest.getTime());
        return result;
      });
    const ways = {
      all: inTransaction(settleBatch.all),
      unlocked: inTransaction(settleBatch.unlocked),
      isLocked: isLockWait,
    };
    const result = await storable(batch, (list) => settleAroundLocks(list, ways)).catch(outageFirst);
    const ageMs = oldestMs === undefined ? undefined : nowMs - oldestMs;
    const sample = lagSampleMs(deliveryLagMs, ageMs);
    if (sample !== undefined && result.settled > 0) recordLag(sample);
    return result;
  };

  /**
   * The oldest create time among the transactions that are settled now, where it can matter: a measured lag that is too
   * short to delay anything needs no check. Where none was measured only transactions published once say something.
   */
  async function oldestThatMatters(tx: Queryable, txNos: readonly string[]): Promise<Date | undefined> {
    if (deliveryLagMs === undefined) return oldestUnsettledOf(tx, tables, txNos, 1);
    if (2 * deliveryLagMs <= firstMs) return undefined;
    return oldestUnsettledOf(tx, tables, txNos, Number.MAX_SAFE_INTEGER);
  }
}

/** A database that goes away while a hook runs is no fault of the hook. */
function outageFirst(error: unknown): never {
  if (error instanceof HookFailedError && isOutage(error)) throw error.thrown;
  throw error;
}

/** A reason in letters that the database can't hold must not keep its batch from being settled: they are written as codes. */
async function storable<T>(
  settlements: readonly Settlement[],
  settle: (settlements: readonly Settlement[]) => Promise<T>,
): Promise<T> {
  try {
    return await settle(settlements);
  } catch (error) {
    const thrown = error instanceof HookFailedError ? error.thrown : error;
    if (!UNSTORABLE_TEXT.has(mysqlErrorNumber(thrown))) throw error;
    return settle(
      settlements.map((settlement) => ({ ...settlement, reason: asciiReason(settlement.reason) })),
    );
  }
}
