import type { Pool, PoolConnection } from 'mysql2';
import { beginSession } from './begin-session.js';
import { mysqlErrorNumber, PoolExhaustedError, TransactionTimeoutError } from './errors.js';
import type { SessionStatement } from './session-settings.js';

/** Takes connections from a pool, and knows whether all of them are in use. */
export interface ConnectionSource {
  /**
   * Waits for a connection whose session has begun, `waitMs` at most; one that comes later goes back to the pool. Whoever
   * took it gives it back or discards it, once.
   *
   * @throws PoolExhaustedError when all connections stayed in use, or too many callers wait already
   * @throws TransactionTimeoutError when no connection could be made in that time
   * @throws SessionRefusedError when the server refused a statement that begins the session
   */
  take(waitMs: number): Promise<PoolConnection>;
  giveBack(connection: PoolConnection): void;
  /** Closes the connection instead of giving it back. */
  discard(connection: PoolConnection): void;
}

/** Callers that may wait at a time. The driver's own bound fails without a code to tell it by. */
const MAX_WAITING = 1_000;

/**
 * Makes the source of a pool of `size` connections; nobody else may take connections from it. `settings` begin each
 * session.
 */
export function createConnectionSource(
  pool: Pool,
  size: number,
  settings: readonly SessionStatement[],
): ConnectionSource {
  const begun = new WeakSet<PoolConnection>();
  let inUse = 0;
  let waiting = 0;
  return {
    take: (waitMs) =>
      new Promise((resolve, reject) => {
        if (waiting >= MAX_WAITING)
          return reject(new PoolExhaustedError(`${waiting} callers wait for a connection already`));
        let late = false;
        let beginning: PoolConnection | undefined;
        const timer = setTimeout(() => {
          late = true;
          beginning?.destroy();
          reject(inUse >= size ? exhausted(size, waitMs) : new TransactionTimeoutError(waitMs));
        }, waitMs);
        const fail = (error: Error) => {
          clearTimeout(timer);
          reject(asFatal(error));
        };
        const take = (connection: PoolConnection) => {
          clearTimeout(timer);
          inUse += 1;
          resolve(connection);
        };
        // A caller that has given up stays in the driver's queue until its turn: it counts until then.
        waiting += 1;
        pool.getConnection((error, connection) => {
          waiting -= 1;
          if (late) return connection?.release();
          if (error) return fail(error);
          if (begun.has(connection)) return take(connection);
          beginning = connection;
          beginSession(connection, settings).then(
            () => {
              if (late) return;
              begun.add(connection);
              take(connection);
            },
            (refusal: Error) => {
              if (late) return;
              connection.destroy();
              fail(refusal);
            },
          );
        });
      }),
    giveBack(connection) {
      inUse -= 1;
      connection.release();
    },
    discard(connection) {
      inUse -= 1;
      connection.destroy();
    },
  };
}

function exhausted(size: number, waitMs: number): PoolExhaustedError {
  return new PoolExhaustedError(`all ${size} connections were in use for ${waitMs} ms`);
}

/** Without a connection nothing works, whatever the driver's error says; what the server says is told by its number. */
function asFatal(error: Error): Error {
  return mysqlErrorNumber(error) === undefined ? Object.assign(error, { fatal: true }) : error;
}
