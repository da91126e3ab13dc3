import type { DecodedTransaction } from '@txmsg/contracts/messages';
import type { QuietLog } from '@txmsg/core';
import type { Database, Queryable } from '@txmsg/mysql';
import type { CarriedTransaction } from '../domain/transaction.js';
import type { Records } from '../store/records.js';
import type { GroupRegistration } from './handlers.js';
import { createHeldKeys, type HeldKeys } from './held-keys.js';

/** The rows that somebody else keeps locked, and which transactions need them. */
export interface HeldRows {
  /** False while no row is known to be held: nothing has to be asked. */
  readonly any: boolean;
  /** Whether a transaction needs a row that is held; looks first at those of the rows that are due for it. */
  judge(group: readonly CarriedTransaction[]): Promise<(carried: CarriedTransaction) => boolean>;
  /**
   * Finds out which rows of these transactions are held, after one of them has waited too long for a lock.
   *
   * @returns false when none is: the lock is on something else
   */
  search(group: readonly CarriedTransaction[]): Promise<boolean>;
}

/** What the register works with. */
export interface HeldRowsParts {
  readonly database: Database;
  readonly records: Pick<Records, 'findHeld'>;
  readonly groups: readonly GroupRegistration[];
  /** Told of rows that are held for more than 5 s. */
  readonly lockedRows?: QuietLog;
}

/** Rows of one kind: records by their txNo, or those that a message type's `locks` names. */
interface Kind {
  readonly name: string;
  readonly held: HeldKeys<string>;
  keysOf(transaction: DecodedTransaction<unknown>): readonly string[];
  findHeld(connection: Queryable, keys: readonly string[]): Promise<ReadonlySet<string>>;
}

/** Shorter waits are nothing to tell anybody of. */
const TOLD_AFTER_MS = 5_000;
const KEYS_TOLD = 10;
const NO_KEYS: readonly string[] = [];

/** Makes the register. */
export function createHeldRows(parts: HeldRowsParts): HeldRows {
  const { database, lockedRows = () => undefined } = parts;
  const kinds = kindsOf(parts);
  const needsHeldRow = ({ transaction }: CarriedTransaction) =>
    kinds.some(({ held, keysOf }) => held.size > 0 && keysOf(transaction).some((key) => held.has(key)));
  const look = async (keysOfKind: (kind: Kind) => readonly string[]) => {
    const asked = kinds.map((kind) => ({ kind, keys: keysOfKind(kind) }));
    if (asked.every(({ keys }) => keys.length === 0)) return;
    await database.run(async (connection) => {
      for (const { kind, keys } of asked) {
        if (keys.length > 0) kind.held.note(keys, await kind.findHeld(connection, keys));
      }
    });
    const long = kinds.map(({ name, held }) => [name, held.heldFor(TOLD_AFTER_MS, KEYS_TOLD)] as const);
    if (long.every(([, keys]) => keys.length === 0)) return;
    const message = 'rows that somebody else keeps locked hold transactions up';
    lockedRows({ alarm: 'LOCKED_ROWS', ...Object.fromEntries(long) }, message);
  };
  return {
    get any() {
      return kinds.some(({ held }) => held.size > 0);
    },
    async judge(group) {
      await look((kind) => kind.held.takeDue(group.flatMap(({ transaction }) => kind.keysOf(transaction))));
      return needsHeldRow;
    },
    async search(group) {
      await look((kind) => [...new Set(group.flatMap(({ transaction }) => kind.keysOf(transaction)))]);
      return group.some(needsHeldRow);
    },
  };
}

function kindsOf({ records, groups }: HeldRowsParts): Kind[] {
  const kinds = groups.flatMap(({ type: { type }, handler: { locks } }): Kind[] => {
    if (locks === undefined) return [];
    return [
      {
        name: locks.name,
        held: createHeldKeys<string>(),
        keysOf: (transaction) => (transaction.type === type ? locks.keysOf(transaction.message) : NO_KEYS),
        findHeld: (connection, keys) => locks.findHeld(connection, keys),
      },
    ];
  });
  kinds.push({
    name: 'txNos',
    held: createHeldKeys<string>(),
    keysOf: ({ txNo }) => [txNo],
    findHeld: (connection, keys) => records.findHeld(connection, keys),
  });
  return kinds;
}
