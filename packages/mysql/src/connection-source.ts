import type { Pool, PoolConnection } from 'mysql2';
import { beginSession } from './begin-session.js';
import { type ConnectionGenerations, createConnectionGenerations } from './connection-generations.js';
import { mysqlErrorNumber, PoolExhaustedError, TransactionTimeoutError } from './errors.js';
import type { SessionStatement } from './session-settings.js';

/** Takes connections from a pool, and knows whether all of them are in use. */
export interface ConnectionSource {
  /**
   * Waits at most `waitMs` for a connection whose session has begun. A connection that comes later goes back to the
   * pool. The caller gives the connection back or discards it, once.
   *
   * @throws PoolExhaustedError when all connections stayed in use, or too many callers wait already
   * @throws TransactionTimeoutError when no connection could be made in that time
   * @throws SessionRefusedError when the server refused a statement that begins the session
   */
  take(waitMs: number): Promise<PoolConnection>;
  giveBack(connection: PoolConnection): void;
  /** Closes the connection instead of giving it back. */
  discard(connection: PoolConnection): void;
  /**
   * For an address that leads to another server, or should. Closes idle connections now, and busy ones as they are
   * given back.
   */
  retireAll(): void;
  /** The same, when this connection has shown it. Does nothing when the connection is retired already. */
  retireWith(connection: PoolConnection): void;
}

/** Callers that may wait at a time. The driver's own bound fails without an error code. */
const MAX_WAITING = 1_000;
/** A session that hasn't begun by then never will; its connection would keep a place in the pool. */
const BEGIN_TIMEOUT_MS = 5_000;

/**
 * Creates the source of a pool of `size` connections. Only the source may take connections from the pool. `settings`
 * begin each session.
 */
export function createConnectionSource(
  pool: Pool,
  size: number,
  settings: readonly SessionStatement[],
): ConnectionSource {
  const generations = createConnectionGenerations();
  const acquire = createAcquire(pool, generations, settings);
  let inUse = 0;
  let waiting = 0;
  return {
    take: (waitMs) =>
      new Promise((resolve, reject) => {
        if (waiting >= MAX_WAITING)
          return reject(new PoolExhaustedError(`${waiting} callers wait for a connection already`));
        const timer = setTimeout(() => {
          request.late = true;
          reject(inUse >= size ? exhausted(size, waitMs) : new TransactionTimeoutError(waitMs));
        }, waitMs);
        const request: Request = {
          late: false,
          // A caller that has given up stays in the driver's queue until its turn, and counts until then.
          onQueue: (places) => {
            waiting += places;
          },
          resolve(connection) {
            clearTimeout(timer);
            inUse += 1;
            resolve(connection);
          },
          reject(error) {
            clearTimeout(timer);
            reject(asFatal(error));
          },
        };
        acquire(request);
      }),
    giveBack(connection) {
      inUse -= 1;
      release(connection, generations);
    },
    discard(connection) {
      inUse -= 1;
      connection.destroy();
    },
    retireAll: () => generations.retire(),
    retireWith: (connection) => generations.isCurrent(connection) && generations.retire(),
  };
}

/** A caller that waits for a connection. */
interface Request {
  /** The caller has given up. */
  late: boolean;
  /** Told of each place that the caller takes (1) or leaves (-1) in the driver's queue. */
  readonly onQueue: (places: 1 | -1) => void;
  readonly resolve: (connection: PoolConnection) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Asks the driver for a connection, and asks again while the connections that come are retired. A new connection's
 * session begins first.
 */
function createAcquire(
  pool: Pool,
  generations: ConnectionGenerations,
  settings: readonly SessionStatement[],
): (request: Request) => void {
  const begun = new WeakSet<PoolConnection>();
  const hand = (request: Request, connection: PoolConnection) => {
    if (generations.isCurrent(connection)) return request.resolve(connection);
    connection.destroy();
    acquire(request);
  };
  const begin = async (request: Request, connection: PoolConnection) => {
    const timer = setTimeout(() => connection.destroy(), BEGIN_TIMEOUT_MS).unref();
    try {
      await beginSession(connection, settings);
    } catch (error) {
      connection.destroy();
      if (!request.late) request.reject(error as Error);
      return;
    } finally {
      clearTimeout(timer);
    }
    begun.add(connection);
    if (request.late) release(connection, generations);
    else hand(request, connection);
  };
  const acquire = (request: Request) => {
    const dialled = generations.current;
    request.onQueue(1);
    pool.getConnection((error, connection) => {
      request.onQueue(-1);
      if (error) return request.late ? undefined : request.reject(error);
      generations.busy(connection, dialled);
      // The next caller gets the connection at once. Closing it would make a slow server unreachable forever, when a
      // connection to it takes longer than callers wait.
      if (request.late) release(connection, generations);
      else if (begun.has(connection)) hand(request, connection);
      else void begin(request, connection);
    });
  };
  return acquire;
}

/** Back to the pool, unless the connection leads to a server that was left. */
function release(connection: PoolConnection, generations: ConnectionGenerations): void {
  if (generations.isCurrent(connection)) {
    generations.idle(connection);
    connection.release();
  } else connection.destroy();
}

function exhausted(size: number, waitMs: number): PoolExhaustedError {
  return new PoolExhaustedError(`all ${size} connections were in use for ${waitMs} ms`);
}

/** Without a connection nothing works, whatever the driver's error says. An error of the server keeps its number. */
function asFatal(error: Error): Error {
  return mysqlErrorNumber(error) === undefined ? Object.assign(error, { fatal: true }) : error;
}
