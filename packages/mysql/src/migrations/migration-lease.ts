import { randomUUID } from 'node:crypto';
import { backoffDelayMs, sleep } from '@txmsg/core';
import type { Connection, ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import { isRetryable } from '../errors.js';
import { whileLocked } from './run-statement.js';

/**
 * The right to migrate a database, and its holder's progress. It is a row with a time limit by the database's clock,
 * because Galera and PXC forbid GET_LOCK. When the holder dies, the row is free within `LEASE_MS`.
 */
export interface MigrationLease {
  /** Statements of this migration that are certainly done. */
  stepsDone(tag: string): Promise<number>;
  /**
   * Records on `connection`, in its transaction if there is one, how many statements of a migration are done.
   *
   * @throws Error when another process holds the lease now
   */
  note(connection: Connection, tag: string, done: number): Promise<void>;
  /** Settles as `work` does, and rejects at once when the lease is lost meanwhile. */
  guard<T>(work: Promise<T>): Promise<T>;
  /** Gives the lease back. */
  release(): Promise<void>;
}

/** Another process is migrating. */
export class MigrationUnderWayError extends Error {
  constructor(waitMs: number) {
    super(`another process is migrating this database; waited ${waitMs / 1_000} s for it`);
    this.name = 'MigrationUnderWayError';
  }
}

const LEASE_MS = 6_000;
const RENEW_MS = 1_500;
const ANSWER_MS = 5_000;
const BACKOFF = { initialMs: 100, maxMs: 1_000 };
const UNTIL = `NOW(3) + INTERVAL ${LEASE_MS * 1_000} MICROSECOND`;

const TABLE = `CREATE TABLE IF NOT EXISTS txmsg_migration (
  id TINYINT NOT NULL PRIMARY KEY,
  owner VARCHAR(64) NOT NULL,
  until_time DATETIME(3) NOT NULL,
  migration VARCHAR(64) NOT NULL,
  statements_done INT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`;
const LOST = 'the lease of this migration was lost: another process continues it';
const FIRST_ROW = "INSERT IGNORE INTO txmsg_migration VALUES (1, '', '1970-01-01', '', 0)";

/**
 * Takes the lease on `connection`, which serves only the lease until it is released. A statement of a migration may
 * take hours, and the lease is renewed meanwhile.
 *
 * @throws MigrationUnderWayError when another process keeps the lease for longer than `waitMs`
 */
export async function takeMigrationLease(connection: Connection, waitMs: number): Promise<MigrationLease> {
  const owner = randomUUID();
  const change = async (sql: string, values: readonly string[]): Promise<boolean> => {
    const [result] = await connection.query<ResultSetHeader>({
      sql,
      values: [...values],
      timeout: ANSWER_MS,
    });
    return result.affectedRows === 1;
  };
  await whileLocked(connection, 'txmsg_migration', () =>
    connection.query({ sql: TABLE, timeout: ANSWER_MS }),
  );
  await whileLocked(connection, 'txmsg_migration', () => change(FIRST_ROW, []));
  const take = `UPDATE txmsg_migration SET owner = ?, until_time = ${UNTIL} WHERE id = 1 AND until_time < NOW(3)`;
  const giveUpAt = performance.now() + waitMs;
  // A row that stays locked belongs to a process whose end the server hasn't noticed yet.
  for (let attempt = 1; !(await change(take, [owner]).catch(falseWhenLocked)); attempt += 1) {
    if (performance.now() > giveUpAt) throw new MigrationUnderWayError(waitMs);
    await sleep(backoffDelayMs(attempt, BACKOFF));
  }
  const renew = `UPDATE txmsg_migration SET until_time = ${UNTIL} WHERE id = 1 AND owner = ?`;
  const renewal = keepRenewing(async () => {
    // The row is locked for a moment while our own progress is recorded.
    if (!(await change(renew, [owner]).catch((error) => !falseWhenLocked(error)))) throw new Error(LOST);
  });
  return {
    async stepsDone(tag) {
      const [rows] = await connection.query<(RowDataPacket & { migration: string; done: number })[]>(
        'SELECT migration, statements_done AS done FROM txmsg_migration WHERE id = 1',
      );
      return rows[0]?.migration === tag ? rows[0].done : 0;
    },
    async note(on, tag, done) {
      const [{ affectedRows }] = await on.query<ResultSetHeader>(
        'UPDATE txmsg_migration SET migration = ?, statements_done = ? WHERE id = 1 AND owner = ?',
        [tag, done, owner],
      );
      if (affectedRows !== 1) throw new Error(LOST);
    },
    guard: (work) => Promise.race([work, renewal.lost]),
    async release() {
      await renewal.stop();
      // A lease that can't be given back expires by itself.
      await change("UPDATE txmsg_migration SET until_time = '1970-01-01' WHERE id = 1 AND owner = ?", [
        owner,
      ]).catch(() => {});
    },
  };
}

function falseWhenLocked(error: unknown): false {
  if (!isRetryable(error)) throw error;
  return false;
}

/** Renews until it is stopped. `lost` rejects when a renewal fails. */
function keepRenewing(renew: () => Promise<void>): { lost: Promise<never>; stop: () => Promise<void> } {
  const stopping = new AbortController();
  let lose: (error: unknown) => void = () => {};
  const lost = new Promise<never>((_, reject) => {
    lose = reject;
  });
  // The lease may be lost while nobody awaits the result.
  lost.catch(() => {});
  const run = async () => {
    while (!stopping.signal.aborted) {
      await sleep(RENEW_MS, stopping.signal);
      if (stopping.signal.aborted) return;
      await renew();
    }
  };
  const running = run().catch(lose);
  return {
    lost,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
