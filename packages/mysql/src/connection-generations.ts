import type { Socket } from 'node:net';
import type { PoolConnection } from 'mysql2';

/** Tells connections that were made before a switch of the server from those that were made after it. */
export interface ConnectionGenerations {
  /** The generation of connections that are dialled now. */
  readonly current: number;
  /** False when the connection was dialled before the last retirement. */
  isCurrent(connection: PoolConnection): boolean;
  /** Marks the connection as waiting in the pool; `retire` closes it. */
  idle(connection: PoolConnection): void;
  /**
   * Marks the connection as in use. Its user asks `isCurrent` before giving it back. A connection that is seen for the
   * first time belongs to the generation `dialled`.
   */
  busy(connection: PoolConnection, dialled: number): void;
  /** Closes all idle connections, and makes the busy ones and those being dialled outdated. */
  retire(): void;
}

/** Creates the generations of a pool. */
export function createConnectionGenerations(): ConnectionGenerations {
  const dialledIn = new WeakMap<PoolConnection, number>();
  const waiting = new Set<PoolConnection>();
  let current = 0;
  return {
    get current() {
      return current;
    },
    isCurrent: (connection) => dialledIn.get(connection) === current,
    idle: (connection) => void waiting.add(connection),
    busy(connection, dialled) {
      waiting.delete(connection);
      if (dialledIn.has(connection)) return;
      dialledIn.set(connection, dialled);
      // The driver closes idle connections by itself.
      streamOf(connection).once('close', () => waiting.delete(connection));
    },
    retire() {
      current += 1;
      for (const connection of waiting) connection.destroy();
      waiting.clear();
    },
  };
}

function streamOf(connection: PoolConnection): Socket {
  return (connection as PoolConnection & { readonly stream: Socket }).stream;
}
