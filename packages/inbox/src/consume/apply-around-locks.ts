import type { QuietLog } from '@txmsg/core';
import { isLockWait } from '@txmsg/mysql';
import type { Disposition } from '../domain/decide-group.js';
import type { CarriedTransaction } from '../domain/transaction.js';
import type { HeldRows } from './held-rows.js';

/** Transactions that are applied together. */
export interface Group {
  readonly transactions: readonly CarriedTransaction[];
  /** What is on record must be read first, since an attempt has failed. */
  readonly lookUp: boolean;
}

/** Applies a group in one local transaction; throws 1205 when it has waited too long for a lock. */
export type RunGroup = (group: Group) => Promise<readonly Disposition[]>;

/** Who is told of locks that can't be gone around. */
export interface LockReports {
  /** Told of each wait for a lock that is on no row of the group: it may be one of the whole server. */
  readonly lockOfAll?: (error: unknown) => void;
  /** Told, as an alarm, of a group that is set aside for such a lock. */
  readonly unknownLock?: QuietLog;
}

/** Attempts at a group, each of which may wait for a lock as long as the session lets it. */
const ATTEMPTS = 3;
/** Of them, those that may wait for a lock that is on no row of the group. A short one may be another loop's of ours. */
const UNKNOWN_WAITS = 2;
const TX_NOS_TOLD = 10;
const BLOCKED: Disposition = { kind: 'blocked' };

/**
 * Applies groups around rows that somebody else keeps locked. The first group that meets such a row waits for it once,
 * then finds out which rows are held; its transactions that need them are set aside as `blocked`, and the others are
 * applied. As long as a row is known to be held no further group waits for it. While none is known, this costs nothing.
 *
 * A lock that is on no row of the group, such as one on a gap between rows or on every COMMIT, can't be gone around: the
 * group is set aside whole. As long as groups meet such a lock each of them waits for it once, and really tries: it may
 * hold up only some of them.
 */
export function applyAroundLocks(
  run: RunGroup,
  held: HeldRows,
  { lockOfAll, unknownLock }: LockReports = {},
): RunGroup {
  // The last group that ended was set aside for a lock on no row of it.
  let isStuck = false;
  return async (group) => {
    let lookUp = group.lookUp;
    let unknownWaits = 0;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const open = held.any ? await indexesOfOpen(held, group.transactions) : undefined;
      if (open?.length === 0) return allBlocked(group);
      const transactions = open === undefined ? group.transactions : pick(group.transactions, open);
      try {
        const decided = await run({ transactions, lookUp });
        isStuck = false;
        if (open === undefined) return decided;
        const dispositions = allBlocked(group);
        for (const [at, index] of open.entries()) dispositions[index] = decided[at] ?? BLOCKED;
        return dispositions;
      } catch (error) {
        if (!isLockWait(error)) throw error;
        lookUp = true;
        if (await held.search(transactions)) continue;
        lockOfAll?.(error);
        unknownWaits += 1;
        if (!isStuck && unknownWaits < UNKNOWN_WAITS) continue;
        isStuck = true;
        tellUnknown(group, unknownLock);
        break;
      }
    }
    return allBlocked(group);
  };
}

function tellUnknown({ transactions }: Group, unknownLock: QuietLog | undefined): void {
  const txNos = transactions.slice(0, TX_NOS_TOLD).map(({ transaction }) => transaction.txNo);
  unknownLock?.(
    { alarm: 'UNKNOWN_LOCK', transactions: transactions.length, txNos },
    'a lock that is on no row of theirs holds transactions up',
  );
}

function allBlocked({ transactions }: Group): Disposition[] {
  return transactions.map(() => BLOCKED);
}

async function indexesOfOpen(held: HeldRows, transactions: readonly CarriedTransaction[]): Promise<number[]> {
  const needsHeldRow = await held.judge(transactions);
  return transactions.flatMap((carried, index) => (needsHeldRow(carried) ? [] : [index]));
}

function pick(transactions: readonly CarriedTransaction[], indexes: readonly number[]): CarriedTransaction[] {
  return indexes.map((index) => transactions[index] as CarriedTransaction);
}
