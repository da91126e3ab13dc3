import { failpoint } from '@txmsg/core';
import {
  type Database,
  type DatabaseClock,
  isDeadlock,
  isLockWait,
  mysqlErrorNumber,
  type Queryable,
  transactAgain,
} from '@txmsg/mysql';
import { lagSampleMs } from '../domain/republication.js';
import {
  oldestUnsettledOf,
  type PartialSettlement,
  type Settlement,
  settleTransactions,
  settleUnlocked,
} from '../store/settle-transactions.js';
import { asciiReason } from './ascii-reason.js';
import { settleAroundLocks } from './settle-around-locks.js';

/** What settling works with. */
export interface SettlerOptions {
  readonly database: Database;
  readonly clock: DatabaseClock;
  /** No lag below half of this delays anything, in milliseconds. */
  readonly firstMs: number;
  /** Told how long deliveries take now, in milliseconds. */
  readonly recordLag: (sampleMs: number) => void;
  /** Told of the txNos of each settlement made here. */
  readonly onSettled: (txNos: readonly string[]) => void;
}

/** Settles orders; `deliveryLagMs` is the consumer's measure, undefined when it sent none. */
export type Settler = (
  settlements: readonly Settlement[],
  deliveryLagMs: number | undefined,
) => Promise<PartialSettlement>;

/** How long a transaction that meets deadlocks is run again. */
const DEADLOCKS = { budgetMs: 2_000, isContention: isDeadlock };
/** Texts that the database's character set can't hold: 1366 at the server, 3988 while it is sent. */
const UNSTORABLE_TEXT: ReadonlySet<number | undefined> = new Set([1366, 3988]);

/** Makes the settler. The plain case is one transaction; a lock that another session keeps costs its own order only. */
export function createSettler(options: SettlerOptions): Settler {
  const { database, clock, firstMs, recordLag, onSettled } = options;
  return async (settlements, deliveryLagMs) => {
    const nowMs = clock.nowMs();
    const now = new Date(nowMs);
    let oldestMs: number | undefined;
    const inTransaction =
      <T>(settle: (tx: Queryable, part: readonly Settlement[], now: Date) => Promise<T>) =>
      (part: readonly Settlement[]) =>
        transactAgain(database, DEADLOCKS, async (tx) => {
          const oldest = await oldestThatMatters(tx, txNosOf(part), deliveryLagMs, firstMs);
          const result = await settle(tx, part, now);
          await failpoint('order.before-settle-commit');
          if (oldest) oldestMs = Math.min(oldestMs ?? oldest.getTime(), oldest.getTime());
          return result;
        });
    const ways = {
      all: inTransaction(settleTransactions),
      unlocked: inTransaction(settleUnlocked),
      isLocked: isLockWait,
    };
    const result = await storable(settlements, (list) => settleAroundLocks(list, ways));
    const ageMs = oldestMs === undefined ? undefined : nowMs - oldestMs;
    const sample = lagSampleMs(deliveryLagMs, ageMs);
    if (sample !== undefined && result.settled > 0) recordLag(sample);
    onSettled(txNosOf(settlements));
    return result;
  };
}

/** A reason in letters that the database can't hold must not keep its batch from being settled: they are written as codes. */
async function storable<T>(
  settlements: readonly Settlement[],
  settle: (settlements: readonly Settlement[]) => Promise<T>,
): Promise<T> {
  try {
    return await settle(settlements);
  } catch (error) {
    if (!UNSTORABLE_TEXT.has(mysqlErrorNumber(error))) throw error;
    return settle(
      settlements.map((settlement) => ({ ...settlement, reason: asciiReason(settlement.reason) })),
    );
  }
}

function txNosOf(settlements: readonly Settlement[]): string[] {
  return settlements.map(({ txNo }) => txNo);
}

/**
 * The oldest create time among the transactions that are settled now, where it can matter: a measured lag that is too
 * short to delay anything needs no check. Where none was measured only transactions published once say something.
 */
async function oldestThatMatters(
  tx: Queryable,
  txNos: readonly string[],
  deliveryLagMs: number | undefined,
  firstMs: number,
): Promise<Date | undefined> {
  if (deliveryLagMs === undefined) return oldestUnsettledOf(tx, txNos, 1);
  return 2 * deliveryLagMs > firstMs ? oldestUnsettledOf(tx, txNos, Number.MAX_SAFE_INTEGER) : undefined;
}
