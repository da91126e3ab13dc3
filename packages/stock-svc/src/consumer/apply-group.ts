import { failpoint, type QuietLog } from '@txmsg/core';
import { type Database, isLockWait, type Queryable, transactAgain } from '@txmsg/mysql';
import { type Disposition, decideGroup, productsToLock } from '../domain/decide-group.js';
import type { RecordedTransaction, Transaction } from '../domain/transaction.js';
import { failureKind } from '../store/failure-kind.js';
import { findTransactions } from '../store/find-transactions.js';
import { insertTransactions } from '../store/insert-transactions.js';
import { lockStock } from '../store/lock-stock.js';
import { readFloorFor } from '../store/read-floor-for.js';
import { takeStock } from '../store/take-stock.js';
import { applyAroundLocks, type Group, type RunGroup } from './apply-around-locks.js';
import { createHeldRows } from './held-rows.js';

/**
 * Applies a group in ONE local transaction: each transaction that isn't on record gets its verdict, with its stock taken
 * and its record written, or nothing happens at all. Contention, such as another consumer that has just recorded one of
 * them, is tried again for up to 4 s. What needs a row that somebody else keeps locked is set aside, and the others are
 * applied.
 *
 * @param participants who published each transaction, in their order; blank when that isn't known
 * @returns one disposition for each transaction; its verdict is committed
 * @throws whatever the database says, CommitInDoubtError included
 */
export type ApplyGroup = (
  transactions: readonly Transaction[],
  participants?: readonly string[],
) => Promise<readonly Disposition[]>;

/** Well below the shortest time for which a message may stay hidden, 10 s. */
const CONTENTION_BUDGET_MS = 4_000;

/** How groups are applied. */
export interface GroupOptions {
  /** How far the floor may rise while a local transaction is under way, in milliseconds; anywhere by default. */
  readonly floorReachMs?: number;
  /** Told of rows that somebody else keeps locked. */
  readonly lockedRows?: QuietLog;
  /** Told of a group that waits for a lock on no row of it. */
  readonly unknownLock?: QuietLog;
  /** Told of a lock that is on no row of a group, and may be one of the whole server. */
  readonly reportOutage?: (error: unknown) => void;
}

/**
 * Makes the function that applies groups. While messages come once each, a group is inserted without being looked up
 * first: a record that is there already fails the insert (1062). A group that has failed, by that or by anything else, is
 * run again and looked up, since what failed may be on record; the next ones are looked up until one has nothing there.
 */
export function createGroupApplier(
  database: Database,
  { floorReachMs = Number.POSITIVE_INFINITY, lockedRows, unknownLock, reportOutage }: GroupOptions = {},
): ApplyGroup {
  // What was received before a restart comes again.
  let repeats = true;
  const run: RunGroup = async (group) => {
    let lookUp = repeats || group.lookUp;
    const runAgain = (error: unknown) => {
      const wasBlind = !lookUp;
      lookUp = true;
      repeats = true;
      // Who keeps the lock is found out first.
      if (isLockWait(error)) return false;
      const kind = failureKind(error);
      return kind === 'contention' || (kind === 'own' && wasBlind);
    };
    const options = { budgetMs: CONTENTION_BUDGET_MS, isContention: runAgain };
    const dispositions = await transactAgain(database, options, async (tx) => {
      const { recorded, dispositions } = await applyIn(tx, { ...group, lookUp }, floorReachMs);
      if (lookUp) repeats = recorded > 0;
      return dispositions;
    });
    await failpoint('stock.after-commit');
    return dispositions;
  };
  const apply = applyAroundLocks(run, createHeldRows(database, lockedRows), {
    ...(reportOutage && { lockOfAll: reportOutage }),
    ...(unknownLock && { unknownLock }),
  });
  return (transactions, participants = []) => apply({ transactions, participants, lookUp: false });
}

interface Applied {
  readonly dispositions: readonly Disposition[];
  /** How many of them were found on record. */
  readonly recorded: number;
}

async function applyIn(
  tx: Queryable,
  { transactions, participants, lookUp }: Group,
  floorReachMs: number,
): Promise<Applied> {
  const floorMs = await readFloorFor(tx, transactions, floorReachMs);
  // One from below the floor isn't inserted, so that no insert would tell that it is on record.
  const recorded =
    lookUp || transactions.some(({ createTimeMs }) => createTimeMs < floorMs)
      ? await findTransactions(
          tx,
          transactions.map(({ txNo }) => txNo),
        )
      : new Map<string, RecordedTransaction>();
  const stock = await lockStock(tx, productsToLock(transactions, { recorded, floorMs }));
  const { dispositions, records, taken } = decideGroup(transactions, {
    recorded,
    floorMs,
    stock,
    participants,
  });
  await takeStock(tx, taken);
  await insertTransactions(tx, records);
  await failpoint('stock.before-commit');
  return { dispositions, recorded: recorded.size };
}
