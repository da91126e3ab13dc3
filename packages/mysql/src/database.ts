import { createPool, format, type Pool, type PoolConnection } from 'mysql2';
import { drizzle, type MySql2Database } from './drizzle.js';
import { CommitInDoubtError, mysqlErrorNumber, TransactionTimeoutError } from './errors.js';

/** What a storage operation runs in: a transaction's connection, or the pool. */
export type Queryable = MySql2Database;

/** How a database is reached. */
export interface DatabaseOptions {
  /** `mysql://user:password@host:port/database`. */
  readonly url: string;
  /** Connections at most. Default 10. */
  readonly connections?: number;
  /** Deadline of a transaction, or of a single statement by `run`, in milliseconds. Default 5000. */
  readonly timeoutMs?: number;
  /** How long a statement waits for a row lock, in seconds (whole). Default 3. */
  readonly lockWaitSeconds?: number;
}

/** A pool of connections in READ COMMITTED, their time zone at UTC. */
export interface Database {
  /**
   * Runs `work` in one transaction on one connection. Any error rolls it back explicitly and is thrown on.
   *
   * @throws CommitInDoubtError when COMMIT was sent and its reply was lost
   * @throws TransactionTimeoutError when it took too long before COMMIT
   */
  transact<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  /** Runs statements on one connection outside a transaction, under the same deadline. */
  run<T>(work: (connection: Queryable) => Promise<T>): Promise<T>;
  /**
   * Opens a read-only view of one moment, on a connection of its own; whoever opened it closes it. Its statements fail
   * once it has been open for `timeoutMs`.
   */
  openSnapshot(timeoutMs: number): Promise<Snapshot>;
  /** Closes all connections. */
  close(): Promise<void>;
}

/** All reads see the database as it was when the snapshot was opened. */
export interface Snapshot {
  read<T>(work: (db: Queryable) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 3_000;
const SQL_MODE = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';
const IDLE_TIMEOUT_MS = 60_000;

/** Makes the pool; it connects at first use. */
export function createDatabase(options: DatabaseOptions): Database {
  const timeoutMs = options.timeoutMs ?? 5_000;
  const pool = createPool({
    uri: options.url,
    connectionLimit: options.connections ?? 10,
    maxIdle: options.connections ?? 10,
    idleTimeout: IDLE_TIMEOUT_MS,
    queueLimit: 1_000,
    connectTimeout: CONNECT_TIMEOUT_MS,
    enableKeepAlive: true,
    timezone: 'Z',
    charset: 'utf8mb4',
    supportBigNumbers: true,
    // A stack captured for each statement, in case it fails, costs as much CPU as sending it.
    trace: false,
    // Statements that come finished are not searched for placeholders, all their hundreds of KB.
    queryFormat: (statement, values) =>
      Array.isArray(values) && values.length === 0 ? statement : format(statement, values, false, 'Z'),
  });
  const lockWaitSeconds = options.lockWaitSeconds ?? 3;
  pool.on('connection', (connection: PoolConnection) => {
    // Queued before anything the pool's user sends; a session without these settings must not be used.
    const discardOnFailure = (error: unknown) => {
      if (error) connection.destroy();
    };
    connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED', discardOnFailure);
    // The mode says how literals are escaped, and that nothing is cut to fit.
    const session = `SET time_zone = '+00:00', innodb_lock_wait_timeout = ${lockWaitSeconds}, sql_mode = '${SQL_MODE}'`;
    connection.query(session, discardOnFailure);
  });
  return {
    transact: (work) => transact(pool, timeoutMs, work),
    run: (work) => onConnection(pool, timeoutMs, (held) => held.guard(work(held.queryable))),
    openSnapshot: (snapshotTimeoutMs) => openSnapshot(pool, snapshotTimeoutMs),
    close: () => pool.promise().end(),
  };
}

async function transact<T>(pool: Pool, timeoutMs: number, work: (tx: Queryable) => Promise<T>): Promise<T> {
  return onConnection(pool, timeoutMs, async (held) => {
    const client = held.connection.promise();
    await held.guard(client.query('START TRANSACTION'));
    let result: T;
    try {
      result = await held.guard(work(held.queryable));
    } catch (error) {
      await rollback(held);
      throw error;
    }
    try {
      await held.guard(client.query('COMMIT'));
    } catch (error) {
      held.discard();
      // An error number means the server refused the COMMIT; without one its reply was lost.
      throw mysqlErrorNumber(error) === undefined ? new CommitInDoubtError(error) : error;
    }
    return result;
  });
}

/** The explicit ROLLBACK is needed after 1205, which undoes only its statement; a lost connection rolls back by itself. */
async function rollback(held: HeldConnection): Promise<void> {
  try {
    await held.guard(held.connection.promise().query('ROLLBACK'));
  } catch {
    // The error that led here is the one to tell; a connection that can't roll back must not be used again.
    held.discard();
  }
}

/** A connection taken from the pool, with one deadline for all that is done on it. */
interface HeldConnection {
  readonly connection: PoolConnection;
  readonly queryable: Queryable;
  /** Rejects when the deadline passes first; the connection is discarded then. */
  guard<T>(promise: Promise<T>): Promise<T>;
  /** Closes the connection instead of giving it back. */
  discard(): void;
}

async function onConnection<T>(
  pool: Pool,
  timeoutMs: number,
  use: (held: HeldConnection) => Promise<T>,
): Promise<T> {
  const connection = await takeConnection(pool, timeoutMs);
  let discarded = false;
  let expire: (error: Error) => void = () => {};
  const expired = new Promise<never>((_, reject) => {
    expire = reject;
  });
  // Without a listener a rejection that nobody awaits any more would end the process.
  expired.catch(() => {});
  const discard = () => {
    if (discarded) return;
    discarded = true;
    connection.destroy();
  };
  const timer = setTimeout(() => {
    discard();
    expire(new TransactionTimeoutError(timeoutMs));
  }, timeoutMs);
  try {
    return await use({
      connection,
      queryable: queryableOf(connection),
      guard: (promise) => Promise.race([promise, expired]),
      discard,
    });
  } finally {
    clearTimeout(timer);
    if (!discarded) connection.release();
  }
}

async function openSnapshot(pool: Pool, timeoutMs: number): Promise<Snapshot> {
  let close = () => {};
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });
  return new Promise<Snapshot>((opened, failed) => {
    const done = onConnection(pool, timeoutMs, async (held) => {
      const client = held.connection.promise();
      await held.guard(client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ'));
      await held.guard(client.query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY'));
      opened({
        read: (work) => held.guard(work(held.queryable)),
        close: async () => {
          close();
          await done;
        },
      });
      await held.guard(closed);
      await held.guard(client.query('COMMIT'));
    });
    // Before it is open the caller learns of a failure; afterwards `read` and `close` tell.
    done.catch(failed);
  });
}

/** Waits for a connection no longer than the deadline; one that comes later goes back to the pool. */
function takeConnection(pool: Pool, timeoutMs: number): Promise<PoolConnection> {
  return new Promise((resolve, reject) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      reject(new TransactionTimeoutError(timeoutMs));
    }, timeoutMs);
    pool.getConnection((error, connection) => {
      clearTimeout(timer);
      if (late) connection?.release();
      else if (error) reject(error);
      else resolve(connection);
    });
  });
}

const queryables = new WeakMap<object, Queryable>();

/** drizzle on one connection; made once for each, since making it costs more than a statement. */
function queryableOf(connection: PoolConnection): Queryable {
  const known = queryables.get(connection);
  if (known) return known;
  const queryable = drizzle(connection.promise()) as unknown as Queryable;
  queryables.set(connection, queryable);
  return queryable;
}
