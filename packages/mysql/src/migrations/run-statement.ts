import { backoffDelayMs, sleep } from '@txmsg/core';
import type { Connection } from 'mysql2/promise';
import { isRetryable, mysqlErrorNumber } from '../errors.js';
import { type Blocker, blockerText, findBlockers } from './find-blockers.js';
import { areThere } from './find-effects.js';
import type { StatementKind } from './statement-effects.js';

/** A table stayed locked, and the statement did nothing. */
export class MigrationBlockedError extends Error {
  readonly blockers: readonly Blocker[];

  constructor(table: string, waitedMs: number, blockers: readonly Blocker[], cause: unknown) {
    const who =
      blockers.length === 0
        ? 'no session is visible (this account may lack the privilege PROCESS)'
        : blockers.map(blockerText).join('; ');
    super(
      `the table ${table} stayed locked for ${Math.round(waitedMs / 1_000)} s, so the migration gave up. Blocked by: ${who}. ` +
        'End these sessions or wait for them, and run the migration again: it continues where it stopped.',
      { cause },
    );
    this.name = 'MigrationBlockedError';
    this.blockers = blockers;
  }
}

/** The longest wait of a change for its table. All new statements on that table queue behind it for this long. */
export const LOCK_WAIT_SECONDS = 1;
/** Pauses between the tries let other statements pass. */
const PAUSE = { initialMs: 1_000, maxMs: 2_000 };
const GIVE_UP_MS = 12_000;

/**
 * The server's error numbers for a change that exists already. Present: table 1050, column 1060, key 1061, primary key
 * 1068, constraint 1826 or 3822. Gone: column or key 1091, table 1051, the column of a rename 1054, constraint 3821 or
 * 3940.
 */
const MADE_BEFORE = new Set([1050, 1051, 1054, 1060, 1061, 1068, 1091, 1826, 3821, 3822, 3940]);

/**
 * Runs a statement that defines something. A statement that ran before is recognised by its effects.
 *
 * @throws MigrationBlockedError when the table stayed locked
 */
export async function runDefinition(
  connection: Connection,
  statement: string,
  found: StatementKind & { readonly table: string },
): Promise<void> {
  try {
    await whileLocked(connection, found.table, () => connection.query(statement));
  } catch (error) {
    const made = found.kind === 'DEFINITION' && MADE_BEFORE.has(mysqlErrorNumber(error) ?? 0);
    if (!made || !(await areThere(connection, found.effects))) throw error;
  }
}

/** Repeats the work for some seconds, with pauses, while other sessions lock the table. */
export async function whileLocked<T>(
  connection: Connection,
  table: string,
  work: () => Promise<T>,
): Promise<T> {
  const begin = performance.now();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isRetryable(error)) throw error;
      const waitedMs = performance.now() - begin;
      if (waitedMs > GIVE_UP_MS)
        throw new MigrationBlockedError(table, waitedMs, await findBlockers(connection, table), error);
      await sleep(backoffDelayMs(attempt, PAUSE));
    }
  }
}
