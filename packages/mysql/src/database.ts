import { type ConnectionOptions, createPool, format, type Pool } from 'mysql2';
import { createConnectionSource } from './connection-source.js';
import { commitError } from './errors.js';
import { type HeldConnection, onConnection, type Queryable } from './held-connection.js';
import { createPinger } from './pinger.js';
import { createServerWatch } from './server-watch.js';
import { sessionSettings } from './session-settings.js';
import { createSnapshots, type Snapshot } from './snapshot.js';

/** How a database is reached. */
export interface DatabaseOptions {
  /** `mysql://user:password@host:port/database`. */
  readonly url: string;
  /** Connections at most; pings have one more of their own. Default 10. */
  readonly connections?: number;
  /** Deadline of a transaction, or of a single statement by `run`, in milliseconds. Default 5000. */
  readonly timeoutMs?: number;
  /** How long a statement waits for a lock of a row, a table or the whole server, in seconds (whole). Default 3. */
  readonly lockWaitSeconds?: number;
  /**
   * Statements of a ping, without rows. They change nothing, and fail or wait where a write of ours would, such as an update of
   * no row. Default: none, and a ping asks only whether the server is there.
   */
  readonly probes?: readonly string[];
  /**
   * Makes the statements of a transaction that writes rows of its own, as ours do, and takes them back: what a lock on a gap
   * or at COMMIT keeps waiting, which no probe notices. Default: none.
   */
  readonly writeProbe?: () => readonly string[];
  /** Called when the address leads to another server than before; all connections to that one are closed. */
  readonly onServerChange?: (server: string, before: string) => void;
}

/** Makes statements as text, every value in it a literal; called as soon as there is a connection. */
export type FirstStatements = () => Promise<readonly string[]>;

/** A pool of connections in READ COMMITTED, their time zone at UTC. */
export interface Database {
  /**
   * Runs `work` in one transaction on one connection. Any error rolls it back explicitly and is thrown on.
   *
   * @throws CommitInDoubtError when COMMIT was sent, and its reply was lost or an error that doesn't say that it was rolled
   *   back, as proxies and servers that are being stopped send
   * @throws CommitBlockedError when COMMIT waited for a lock, and the server rolled back
   * @throws TransactionTimeoutError when it took too long before COMMIT, or no connection could be made
   * @throws PoolExhaustedError when it waited too long for one of the connections, or too many callers do
   * @throws SessionRefusedError when the server refused the settings of a session
   */
  transact<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  /**
   * The same, with statements that run before `work` and return no rows. They share one packet with START TRANSACTION,
   * which saves a round trip for each. None runs after one that fails.
   */
  transactAfter<T>(first: FirstStatements, work: (tx: Queryable) => Promise<T>): Promise<T>;
  /** Runs statements on one connection outside a transaction, under the same deadline. */
  run<T>(work: (connection: Queryable) => Promise<T>): Promise<T>;
  /**
   * Opens a read-only view of one moment, on a connection of its own; whoever opened it closes it. Its statements fail
   * once it has been open for `timeoutMs`.
   *
   * @throws PoolExhaustedError when two are open already (one, in a pool of two connections)
   */
  openSnapshot(timeoutMs: number): Promise<Snapshot>;
  /**
   * Rejects when the server does not answer within `timeoutMs`, or would refuse a write or keep it waiting; a pool in full
   * use is no obstacle.
   *
   * @param anew asks on a new connection, so that a switched address is noticed. Default: on the last one, when it serves
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
/** A ping that was given up leaves a session that waits for no longer. */
const PING_LOCK_WAIT_SECONDS = 1;

/** Makes the pool; it connects at first use. */
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
    // Below the limit, or the driver closes no idle connection at all.
    maxIdle: connections - 1,
    idleTimeout: IDLE_TIMEOUT_MS,
    // Who waits is counted before the driver is asked.
    queueLimit: 0,
    timezone: 'Z',
    // For the first statements of a transaction.
    multipleStatements: true,
    supportBigNumbers: true,
    // A stack captured for each statement, in case it fails, costs as much CPU as sending it.
    trace: false,
    // Statements that come finished are not searched for placeholders, all their hundreds of KB.
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

/** The explicit ROLLBACK is needed after 1205, which undoes only its statement; a lost connection rolls back by itself. */
async function rollback(held: HeldConnection): Promise<void> {
  try {
    await held.guard(held.connection.promise().query('ROLLBACK'));
  } catch {
    // The error that led here is the one to tell; a connection that can't roll back must not be used again.
    held.discard();
  }
}
