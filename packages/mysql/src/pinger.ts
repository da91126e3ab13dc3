import { type Connection, type ConnectionOptions, createConnection } from 'mysql2';
import { TransactionTimeoutError } from './errors.js';

/** Asks a server whether it is there, on a connection of its own: a pool in full use is no obstacle. */
export interface Pinger {
  /** Rejects when the server does not answer a statement within `timeoutMs`. */
  ping(timeoutMs: number): Promise<void>;
  /** Closes the connection. */
  close(): void;
}

/** Makes a pinger; it connects at its first ping, and again when its connection was lost. */
export function createPinger(options: ConnectionOptions): Pinger {
  let kept: Connection | undefined;
  const drop = (connection: Connection) => {
    if (kept === connection) kept = undefined;
    destroy(connection);
  };
  const open = () => {
    const connection = createConnection(options);
    connection.on('error', () => drop(connection));
    return connection;
  };
  const askOn = async (connection: Connection, until: number) => {
    kept = connection;
    try {
      await answer(connection, Math.max(0, until - performance.now()));
    } catch (error) {
      drop(connection);
      throw error;
    }
  };
  return {
    async ping(timeoutMs) {
      const until = performance.now() + timeoutMs;
      if (!kept) return askOn(open(), until);
      try {
        await askOn(kept, until);
      } catch (error) {
        if (error instanceof TransactionTimeoutError) throw error;
        // The server may have been restarted since: a kept connection that ended says nothing of now.
        await askOn(kept ?? open(), until);
      }
    },
    close: () => kept && drop(kept),
  };
}

function answer(connection: Connection, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new TransactionTimeoutError(timeoutMs)), timeoutMs);
    connection.query('SELECT 1', (error) => {
      clearTimeout(timer);
      if (error) reject(error);
      else resolve();
    });
  });
}

/** The driver's own `destroy` waits for the peer's end of the stream, which a silent peer never sends. */
function destroy(connection: Connection): void {
  connection.destroy();
  (connection as Connection & { readonly stream: { destroy(): void } }).stream.destroy();
}
