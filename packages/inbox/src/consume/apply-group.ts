import { failpoint, type QuietLog } from '@txmsg/core';
import { type Database, isLockWait, mysqlErrorNumber, type Queryable, transactAgain } from '@txmsg/mysql';
import { type Disposition, dispositionsOf, freshOf } from '../domain/decide-group.js';
import type {
  CarriedTransaction,
  ContentOf,
  Decision,
  Fresh,
  RecordedTransaction,
} from '../domain/transaction.js';
import { failureKind } from '../store/failure-kind.js';
import type { InboxStore } from '../store/inbox-store.js';
import { applyAroundLocks, type Group, type RunGroup } from './apply-around-locks.js';
import type { GroupRegistration } from './handlers.js';
import { createHeldRows } from './held-rows.js';

/**
 * Applies a group in ONE local transaction: each transaction that isn't on record gets its decision, with its effect and
 * its record written, or nothing happens at all. Contention, such as another consumer that has just recorded one of
 * them, is tried again for up to 4 s. What needs a row that somebody else keeps locked is set aside, and the others are
 * applied.
 *
 * @returns one disposition for each transaction; its decision is committed
 * @throws whatever the database says, CommitInDoubtError included
 */
export type ApplyGroup = (group: readonly CarriedTransaction[]) => Promise<readonly Disposition[]>;

/** Well below the shortest time for which a message may stay hidden, 10 s. */
const CONTENTION_BUDGET_MS = 4_000;

/** What groups are applied with. */
export interface GroupApplierParts {
  readonly database: Database;
  readonly store: InboxStore;
  readonly contentOf: ContentOf;
  readonly groups: readonly GroupRegistration[];
  /** How far the floor may rise while a local transaction is under way, in milliseconds; anywhere by default. */
  readonly floorReachMs?: number;
  /** Begins the names of the failpoints; `inbox` by default. */
  readonly failpoints?: string;
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
export function createGroupApplier(parts: GroupApplierParts): ApplyGroup {
  const { database, store, lockedRows, unknownLock, reportOutage, failpoints = 'inbox' } = parts;
  const afterCommit = `${failpoints}.after-commit`;
  const applyIn = createGroupTransaction(parts);
  // What was received before a restart comes again.
  let repeats = true;
  const run: RunGroup = async (group) => {
    let lookUp = repeats || group.lookUp;
    const lookUpAndRunAgain = (error: unknown) => {
      const wasBlind = !lookUp;
      lookUp = true;
      repeats = true;
      // Who keeps the lock is found out first.
      if (isLockWait(error)) return false;
      const kind = failureKind(error);
      return kind === 'contention' || (kind === 'own' && wasBlind);
    };
    const options = { budgetMs: CONTENTION_BUDGET_MS, isContention: lookUpAndRunAgain };
    const dispositions = await transactAgain(database, options, async (tx) => {
      const applied = await applyIn(tx, { ...group, lookUp });
      if (lookUp) repeats = applied.recorded > 0;
      return applied.dispositions;
    });
    await failpoint(afterCommit);
    return dispositions;
  };
  const held = createHeldRows({ ...parts, records: store.records, ...(lockedRows && { lockedRows }) });
  const apply = applyAroundLocks(run, held, {
    ...(reportOutage && { lockOfAll: reportOutage }),
    ...(unknownLock && { unknownLock }),
  });
  return (transactions) => apply({ transactions, lookUp: false });
}

interface Applied {
  readonly dispositions: readonly Disposition[];
  /** How many of them were found on record. */
  readonly recorded: number;
}

/** Makes the local transaction of a group: floor, look-up unless it is blind, the handler's statements, the records. */
function createGroupTransaction({
  store: { floor, records },
  contentOf,
  groups,
  floorReachMs = Number.POSITIVE_INFINITY,
  failpoints = 'inbox',
}: GroupApplierParts): (tx: Queryable, group: Group) => Promise<Applied> {
  const decide = createDecide(groups);
  const beforeCommit = `${failpoints}.before-commit`;
  return async (tx, { transactions, lookUp }) => {
    const oldestMs = oldestOf(transactions);
    const floorMs = await floor.readFor(tx, oldestMs, floorReachMs);
    // One from below the floor isn't inserted, so that no insert would tell that it is on record.
    const recorded =
      lookUp || oldestMs < floorMs
        ? await records.find(
            tx,
            transactions.map(({ transaction }) => transaction.txNo),
          )
        : new Map<string, RecordedTransaction>();
    const facts = { recorded, floorMs };
    const fresh = freshOf(transactions, facts);
    const decisions = fresh.list.length > 0 ? await decide(tx, fresh.list) : [];
    await records.insert(tx, fresh.list, (index) => decisions[index] as Decision);
    await failpoint(beforeCommit);
    const dispositions = dispositionsOf(transactions, facts, fresh, decisions, contentOf);
    return { dispositions, recorded: recorded.size };
  };
}

function oldestOf(transactions: readonly CarriedTransaction[]): number {
  let oldestMs = Number.POSITIVE_INFINITY;
  for (const { transaction } of transactions) oldestMs = Math.min(oldestMs, transaction.createTimeMs);
  return oldestMs;
}

type Decide = (tx: Queryable, fresh: readonly Fresh<unknown>[]) => Promise<readonly Decision[]>;

/** Makes the function that asks each type's handler for the decisions on its transactions, one type after the other. */
function createDecide(groups: readonly GroupRegistration[]): Decide {
  const [first] = groups;
  if (first && groups.length === 1)
    return async (tx, fresh) => complete(fresh, await applyWith(first, tx, fresh));
  return async (tx, fresh) => {
    const decisions = new Map<Fresh<unknown>, Decision>();
    for (const registration of groups) {
      const own = fresh.filter((one) => one.type === registration.type.type);
      if (own.length === 0) continue;
      const decided = complete(own, await applyWith(registration, tx, own));
      for (const [index, one] of own.entries()) decisions.set(one, decided[index] as Decision);
    }
    return fresh.map((one) => decisions.get(one) as Decision);
  };
}

/** What the database didn't say is the transactions' own fault, so that the messages are tried singly. */
async function applyWith(
  { type: { type }, handler }: GroupRegistration,
  tx: Queryable,
  fresh: readonly Fresh<unknown>[],
): Promise<readonly Decision[]> {
  try {
    return await handler.apply(tx, fresh);
  } catch (error) {
    if (failureKind(error) !== 'system' || mysqlErrorNumber(error) !== undefined) throw error;
    throw new TypeError(`the handler of ${type} has failed`, { cause: error });
  }
}

function complete(fresh: readonly unknown[], decisions: readonly Decision[]): readonly Decision[] {
  if (decisions.length === fresh.length) return decisions;
  throw new TypeError(`a handler gave ${decisions.length} decisions on ${fresh.length} transactions`);
}
