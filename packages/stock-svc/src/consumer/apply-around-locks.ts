import type { Disposition } from '../domain/decide-group.js';
import type { Transaction } from '../domain/transaction.js';
import { isLockWait } from '../store/failure-kind.js';
import type { HeldRows } from './held-rows.js';

/** Transactions that are applied together. */
export interface Group {
  readonly transactions: readonly Transaction[];
  /** Who published each of them, in their order; blank or missing when that isn't known. */
  readonly participants: readonly string[];
  /** What is on record must be read first, since an attempt has failed. */
  readonly lookUp: boolean;
}

/** Applies a group in one local transaction; throws 1205 when it has waited too long for a lock. */
export type RunGroup = (group: Group) => Promise<readonly Disposition[]>;

/** Attempts at a group, each of which may wait for a lock as long as the session lets it. */
const ATTEMPTS = 3;
const BLOCKED: Disposition = { kind: 'blocked' };

/**
 * Applies groups around rows that somebody else keeps locked. The first group that meets such a row waits for it once,
 * then finds out which rows are held; its transactions that need them are set aside as `blocked`, and the others are
 * applied. As long as a row is known to be held no further group waits for it. While none is known, this costs nothing.
 *
 * @param lockOfAll told of a wait for a lock that is on no row of the group: it may be one of the whole server
 */
export function applyAroundLocks(
  run: RunGroup,
  held: HeldRows,
  lockOfAll: (error: unknown) => void = () => undefined,
): RunGroup {
  return async (group) => {
    let lookUp = group.lookUp;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const open = held.any ? await indexesOfOpen(held, group.transactions) : undefined;
      if (open?.length === 0) return allBlocked(group);
      const part = open === undefined ? { ...group, lookUp } : { ...pick(group, open), lookUp };
      try {
        const decided = await run(part);
        if (open === undefined) return decided;
        const dispositions = allBlocked(group);
        for (const [at, index] of open.entries()) dispositions[index] = decided[at] ?? BLOCKED;
        return dispositions;
      } catch (error) {
        if (!isLockWait(error)) throw error;
        lookUp = true;
        if (!(await held.search(part.transactions))) lockOfAll(error);
      }
    }
    // A lock that is on no row of theirs, such as one on a gap between rows: they are tried again later.
    return allBlocked(group);
  };
}

function allBlocked({ transactions }: Group): Disposition[] {
  return transactions.map(() => BLOCKED);
}

async function indexesOfOpen(held: HeldRows, transactions: readonly Transaction[]): Promise<number[]> {
  const needsHeldRow = await held.judge(transactions);
  return transactions.flatMap((transaction, index) => (needsHeldRow(transaction) ? [] : [index]));
}

function pick({ transactions, participants }: Group, indexes: readonly number[]) {
  return {
    transactions: indexes.map((index) => transactions[index] as Transaction),
    participants: indexes.map((index) => participants[index] ?? ''),
  };
}
