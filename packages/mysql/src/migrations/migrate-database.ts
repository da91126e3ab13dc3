import { type Connection as CallbackConnection, createConnection } from 'mysql2';
import type { Connection } from 'mysql2/promise';
import { beginSession } from '../begin-session.js';
import { isDuplicateKey, mysqlErrorNumber } from '../errors.js';
import { sessionSettings } from '../session-settings.js';
import { createAppliedMigrations, insertApplied, pendingMigrations } from './applied-migrations.js';
import { type MigrationLease, takeMigrationLease } from './migration-lease.js';
import { type Migration, readMigrations } from './read-migrations.js';
import { LOCK_WAIT_SECONDS, runDefinition, whileLocked } from './run-statement.js';
import { statementKind } from './statement-effects.js';

const CONNECT_TIMEOUT_MS = 10_000;
const LEASE_WAIT_MS = 30_000;
const UNKNOWN_DATABASE = 1049;

/**
 * Brings a database to the newest migration of a folder made by drizzle-kit. Creates the database when it doesn't
 * exist.
 *
 * It may be killed at any point and run again, by several processes at once, and after drizzle's own migrator. It
 * blocks other statements on a table for at most a second at a time.
 *
 * @throws MigrationBlockedError within 15 s when another session keeps a table locked; the error names the session
 * @throws MigrationUnderWayError when another process migrates this database for longer than 30 s
 */
export async function migrateDatabase(url: string, migrationsFolder: string): Promise<void> {
  await createIfMissing(url);
  const migrations = await readMigrations(migrationsFolder);
  await withSession(url, async (connection) => {
    if ((await pendingMigrations(connection, migrations)).length === 0) return;
    await withSession(url, async (leaseConnection) => {
      const lease = await takeMigrationLease(leaseConnection, LEASE_WAIT_MS);
      try {
        await lease.guard(applyPending(connection, lease, migrations));
      } finally {
        await lease.release();
      }
    });
  });
}

async function applyPending(
  connection: Connection,
  lease: MigrationLease,
  migrations: readonly Migration[],
): Promise<void> {
  await whileLocked(connection, '__drizzle_migrations', () => createAppliedMigrations(connection));
  for (const migration of await pendingMigrations(connection, migrations)) {
    const { tag, statements } = migration;
    const done = await lease.stepsDone(tag);
    for (const [index, statement] of statements.entries())
      if (index >= done) await runStep(connection, lease, { tag, statement, step: index + 1 });
    await inTransaction(connection, async () => {
      await lease.note(connection, tag, statements.length);
      await insertApplied(connection, migration);
    });
  }
}

interface Step {
  readonly tag: string;
  readonly statement: string;
  /** Counted from 1. */
  readonly step: number;
}

async function runStep(connection: Connection, lease: MigrationLease, step: Step): Promise<void> {
  const { tag, statement } = step;
  const found = statementKind(statement);
  if (found === undefined)
    throw new Error(
      `statement ${step.step} of ${tag} can't be run again after an interruption: split or reword it`,
    );
  const note = () => lease.note(connection, tag, step.step);
  if (found.kind !== 'DATA') {
    await runDefinition(connection, statement, found);
    await note();
    return;
  }
  await whileLocked(connection, `of statement ${step.step} of ${tag}`, () =>
    inTransaction(connection, async () => {
      await runOnce(connection, statement, found);
      await note();
    }),
  );
}

/** Runs a statement on rows. When its one row exists already, a runner that recorded no progress inserted it. */
async function runOnce(
  connection: Connection,
  statement: string,
  { insertsOneRow }: { readonly insertsOneRow: boolean },
): Promise<void> {
  try {
    await connection.query(statement);
  } catch (error) {
    if (!insertsOneRow || !isDuplicateKey(error)) throw error;
  }
}

async function inTransaction(connection: Connection, work: () => Promise<void>): Promise<void> {
  await connection.query('START TRANSACTION');
  try {
    await work();
  } catch (error) {
    await connection.query('ROLLBACK');
    throw error;
  }
  await connection.query('COMMIT');
}

/** Runs `work` on a connection of its own. Its session has the services' settings and waits for locks only briefly. */
async function withSession<T>(url: string, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = connect(url);
  // The next statement fails and tells of the lost connection.
  connection.on('error', () => {});
  try {
    await beginSession(connection, [
      ...sessionSettings({ timeoutMs: 60_000, lockWaitSeconds: LOCK_WAIT_SECONDS }),
      { sql: `SET lock_wait_timeout = ${LOCK_WAIT_SECONDS} /*M! , max_statement_time = 0 */` },
    ]);
    return await work(connection.promise());
  } finally {
    connection.destroy();
  }
}

function connect(uri: string): CallbackConnection {
  return createConnection({ uri, timezone: 'Z', charset: 'utf8mb4', connectTimeout: CONNECT_TIMEOUT_MS });
}

async function createIfMissing(url: string): Promise<void> {
  try {
    await withSession(url, async () => {});
  } catch (error) {
    if (mysqlErrorNumber(error) !== UNKNOWN_DATABASE) throw error;
    const server = new URL(url);
    const name = decodeURIComponent(server.pathname.slice(1));
    server.pathname = '';
    await withSession(server.href, (connection) =>
      connection.query(
        `CREATE DATABASE IF NOT EXISTS \`${name.replaceAll('`', '``')}\` CHARACTER SET utf8mb4`,
      ),
    );
  }
}
