import { type ConnectionOptions, createPool, format, type Pool } from 'mysql2';
import { createConnectionSource } from './connection-source.js';
import { commitError } from './errors.js';
import { type HeldConnection, onConnection, type Queryable } from './held-connection.js';
import { createPinger } from './pinger.js';
import { createServerWatch } from './server-watch.js';
import { longIdleSettings, sessionSettings } from './session-settings.js';
import { createSnapshots, type Snapshot } from './snapshot.js';

/** How to reach a database. */
export interface DatabaseOptions {
  /** `mysql://user:password@host:port/database`. */
  readonly url: string;
  /** The most connections. Pings use one more of their own. Default 10. */
  readonly connections?: number;
  /** Deadline of a transaction, or of a single statement by `run`, in milliseconds. Default 5000. */
  readonly timeoutMs?: number;
  /** How long a statement waits for a lock of a row, a table or the whole server, in seconds (whole). Default 3. */
  readonly lockWaitSeconds?: number;
  /**
   * Statements of a ping that return no rows and change nothing. They fail or wait where a write of ours would, as an
   * update of no row does. Default: none, so a ping only asks whether the server is up.
   */
  readonly probes?: readonly string[];
  /**
   * Returns the statements of a transaction that writes rows like ours and deletes them again. They wait where a lock
   * on a gap or at COMMIT keeps writes waiting, which no probe notices. Default: none.
   */
  readonly writeProbe?: () => readonly string[];
  /** Called when the address leads to another server than before. All connections to the previous server are closed. */
  readonly onServerChange?: (server: string, before: string) => void;
}

/** Returns statements as text, with every value as a literal. Called as soon as there is a connection. */
export type FirstStatements = () => Promise<readonly string[]>;

/** A pool of connections in READ COMMITTED with the time zone UTC. */
export interface Database {
  /**
   * Runs `work` in one transaction on one connection. Any error rolls the transaction back explicitly and is thrown
   * again.
   *
   * @throws CommitInDoubtError when COMMIT was sent and its reply was lost, or was an error that doesn't say "rolled
   * back"; proxies and stopping servers send such errors
   * @throws CommitBlockedError when COMMIT waited for a lock, and the server rolled back
   * @throws TransactionTimeoutError when it took too long before COMMIT, or no connection could be made
   * @throws PoolExhaustedError when it waited too long for a connection, or too many callers wait
   * @throws SessionRefusedError when the server refused the settings of a session
   */
  transact<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  /**
   * The same, with statements that run before `work` and return no rows. They share one packet with START TRANSACTION,
   * which saves a round trip per statement. The first failure stops those after it.
   */
  transactAfter<T>(first: FirstStatements, work: (tx: Queryable) => Promise<T>): Promise<T>;
  /**
   * The same as `transact` with a deadline of its own, for work that takes longer than the database's `timeoutMs`. It costs
   * two round trips more when it is much longer.
   */
  transactWithin<T>(timeoutMs: number, work: (tx: Queryable) => Promise<T>): Promise<T>;
  /** Runs statements on one connection outside a transaction, under the same deadline. */
  run<T>(work: (connection: Queryable) => Promise<T>): Promise<T>;
  /**
   * Opens a read-only view of one moment, on a connection of its own. The caller closes it. Its statements fail once it
   * has been open for `timeoutMs`.
   *
   * @throws PoolExhaustedError when two are open already (one, in a pool of two connections)
   */
  openSnapshot(timeoutMs: number): Promise<Snapshot>;
  /**
   * Rejects when the server doesn't answer within `timeoutMs`, refuses writes, or keeps them waiting. It works also
   * while the pool is saturated.
   *
   * @param anew asks on a new connection, so a switched address is noticed. Default: asks on the last one while it
   * works
   * @param writing commits the `writeProbe` too. Default: no
   */
  ping(timeoutMs: number, anew?: boolean, writing?: boolean): Promise<void>;
  /** Closes all connections. */
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 3_000;
/** Well below the limit after which MySQL ends an idle session. */
const IDLE_TIMEOUT_MS = 30_000;
const MAX_SNAPSHOTS = 2;
/** A ping that was given up leaves a session behind. Its statement waits no longer than this. */
const PING_LOCK_WAIT_SECONDS = 1;

/** Creates the pool. It connects at its first use. */
export function createDatabase(options: DatabaseOptions): Database {
  const { timeoutMs = 5_000, connections = 10, lockWaitSeconds = 3 } = options;
  const pool = openPool(options.url, connections);
  const source = createConnectionSource(pool, connections, sessionSettings({ timeoutMs, lockWaitSeconds }));
  const openSnapshot = createSnapshots(source, Math.max(1, Math.min(MAX_SNAPSHOTS, connections - 1)));
  const watch = createServerWatch({
    onOther: () => source.retireAll(),
    onNew: (server, before) => options.onServerChange?.(server, before),
  });
  const pinger = createPinger({
    connection: connectionOptions(options.url),
    settings: sessionSettings({ timeoutMs, lockWaitSeconds: PING_LOCK_WAIT_SECONDS }),
    probes: options.probes ?? [],
    writeProbe: options.writeProbe ?? (() => []),
    onServer: (server) => watch.saw(server),
  });
  const times = { waitMs: timeoutMs, timeoutMs };
  return {
    transact: (work) => onConnection(source, times, (held) => transact(held, undefined, work)),
    transactAfter: (first, work) => onConnection(source, times, (held) => transact(held, first, work)),
    transactWithin: (ownMs, work) =>
      onConnection(source, { waitMs: timeoutMs, timeoutMs: ownMs }, (held) =>
        withIdleTime(held, { ownMs, usualMs: timeoutMs }, () => transact(held, undefined, work)),
      ),
    run: (work) => onConnection(source, times, (held) => held.guard(work(held.queryable))),
    openSnapshot: (snapshotTimeoutMs) => openSnapshot(timeoutMs, snapshotTimeoutMs),
    ping: (pingTimeoutMs, anew = false, writing = false) => pinger.ping(pingTimeoutMs, anew, writing),
    close: async () => {
      pinger.close();
      await pool.promise().end();
    },
  };
}

function connectionOptions(url: string): ConnectionOptions {
  return { uri: url, connectTimeout: CONNECT_TIMEOUT_MS, enableKeepAlive: true, charset: 'utf8mb4' };
}

function openPool(url: string, connections: number): Pool {
  return createPool({
    ...connectionOptions(url),
    connectionLimit: connections,
    // At the limit or above it the driver closes no idle connection at all.
    maxIdle: connections - 1,
    idleTimeout: IDLE_TIMEOUT_MS,
    // Waiting callers are counted before the driver is asked.
    queueLimit: 0,
    timezone: 'Z',
    // For the first statements of a transaction.
    multipleStatements: true,
    supportBigNumbers: true,
    // Capturing a stack per statement, in case it fails, costs as much CPU as sending the statement.
    trace: false,
    // Finished statements skip the search for placeholders, which would read all their hundreds of KB.
    queryFormat: (statement, values) =>
      Array.isArray(values) && values.length === 0 ? statement : format(statement, values, false, 'Z'),
  });
}

async function transact<T>(
  held: HeldConnection,
  first: FirstStatements | undefined,
  work: (tx: Queryable) => Promise<T>,
): Promise<T> {
  const client = held.connection.promise();
  let result: T;
  try {
    const statements = first ? await held.guard(first()) : [];
    await held.guard(client.query(['START TRANSACTION', ...statements].join('; ')));
    result = await held.guard(work(held.queryable));
  } catch (error) {
    await rollback(held);
    throw error;
  }
  try {
    await held.guard(client.query('COMMIT'));
  } catch (error) {
    held.discard();
    throw commitError(error);
  }
  return result;
}

/**
 * The explicit ROLLBACK is needed after 1205, which undoes only its statement. A lost connection rolls back by itself.
 */
async function rollback(held: HeldConnection): Promise<void> {
  try {
    await held.guard(held.connection.promise().query('ROLLBACK'));
  } catch {
    // The first error is the one to throw. A connection that can't roll back must not be used again.
    held.discard();
  }
}

/** Lets the session be idle for as long as a deadline of its own needs, and as usual afterwards. */
async function withIdleTime<T>(
  held: HeldConnection,
  { ownMs, usualMs }: { readonly ownMs: number; readonly usualMs: number },
  work: () => Promise<T>,
): Promise<T> {
  if (ownMs <= usualMs) return work();
  const setIdle = (ms: number) => held.guard(held.connection.promise().query(longIdleSettings(ms)));
  await setIdle(ownMs);
  try {
    return await work();
  } finally {
    // What was committed stands, whatever comes of this; a session that can't be set back must not be used again.
    await setIdle(usualMs).catch(() => held.discard());
  }
}
