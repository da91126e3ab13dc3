import type { Socket } from 'node:net';
import type { PoolConnection } from 'mysql2';

/** Tells connections that were made before a switch of the server from those that were made after it. */
export interface ConnectionGenerations {
  /** What is dialled now belongs to it. */
  readonly current: number;
  /** False when it was dialled before the last retirement. */
  isCurrent(connection: PoolConnection): boolean;
  /** It waits in the pool; `retire` closes it. */
  idle(connection: PoolConnection): void;
  /** It is in use; whoever has it asks `isCurrent` before it goes back. One that is seen first was dialled in `dialled`. */
  busy(connection: PoolConnection, dialled: number): void;
  /** Closes all idle connections, and makes all that are busy or being dialled out of date. */
  retire(): void;
}

/** Makes the generations of a pool. */
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
      // The driver closes idle ones by itself.
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
