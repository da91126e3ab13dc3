import type { Settlement } from '../store/settlement.js';
import type { PartialSettlement } from './settle-batch.js';

/** How settlements are made, each call in a transaction of its own. */
export interface SettlingWays {
  /** All of them, or none. */
  readonly all: (settlements: readonly Settlement[]) => Promise<PartialSettlement>;
  /** All but those that another session has locked. */
  readonly unlocked: (settlements: readonly Settlement[]) => Promise<PartialSettlement>;
  /** Whether an error says that a lock was in the way. */
  readonly isLocked: (error: unknown) => boolean;
}

const PARTS = 4;

/**
 * Settles all in one go. When a lock that another session keeps is in the way, settles all but the locked rows. When
 * even these can't be told from the others (a lock on an index entry alone), settles in four parts at once, and leaves
 * those that met the lock again: the caller brings them later, and their parts are smaller then. Waits for three locks at
 * most, one after the other.
 *
 * @throws whatever the ways throw for another reason than a lock; what was settled by then stays so
 */
export async function settleAroundLocks(
  settlements: readonly Settlement[],
  { all, unlocked, isLocked }: SettlingWays,
): Promise<PartialSettlement> {
  const lockedAs = <T>(error: unknown, value: T): T => {
    if (isLocked(error)) return value;
    throw error;
  };
  const whole = await all(settlements).catch((error) => lockedAs(error, undefined));
  if (whole) return whole;
  const free = await unlocked(settlements).catch((error) => lockedAs(error, undefined));
  if (free) return free;
  const settlePart = (part: readonly Settlement[]) =>
    unlocked(part).catch((error) => lockedAs(error, nothingSettled(part)));
  return (await Promise.all(deal(settlements, PARTS).map(settlePart))).reduce(addSettlements);
}

/** Deals items out to parts, as cards are. */
function deal<T>(items: readonly T[], parts: number): T[][] {
  return Array.from({ length: Math.min(parts, items.length) }, (_, part) =>
    items.filter((_item, index) => index % parts === part),
  );
}

/** None of these is settled, and nothing is said of why. */
export function nothingSettled(settlements: readonly Settlement[]): PartialSettlement {
  const unsettled = settlements.map(({ txNo }) => txNo);
  return { settled: 0, alreadySettled: 0, unknown: 0, unsettled };
}

/** The counts of two parts together. */
export function addSettlements(one: PartialSettlement, other: PartialSettlement): PartialSettlement {
  return {
    settled: one.settled + other.settled,
    alreadySettled: one.alreadySettled + other.alreadySettled,
    unknown: one.unknown + other.unknown,
    unsettled: [...one.unsettled, ...other.unsettled],
  };
}
