import type { ConnectionSource } from './connection-source.js';
import { PoolExhaustedError } from './errors.js';
import { onConnection, type Queryable } from './held-connection.js';
import { longIdleSettings } from './session-settings.js';

/** All reads see the database as it was when the snapshot was opened. */
export interface Snapshot {
  read<T>(work: (db: Queryable) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Opens a snapshot that may be open for `timeoutMs`, waiting no longer than `waitMs` for a connection. */
export type OpenSnapshot = (waitMs: number, timeoutMs: number) => Promise<Snapshot>;

/** Opens snapshots, `limit` at a time; one more is refused with PoolExhaustedError. */
export function createSnapshots(source: ConnectionSource, limit: number): OpenSnapshot {
  let open = 0;
  return (waitMs, timeoutMs) => {
    if (open >= limit) return Promise.reject(new PoolExhaustedError(`${open} snapshots are open already`));
    open += 1;
    let close = () => {};
    const closed = new Promise<void>((resolve) => {
      close = resolve;
    });
    return new Promise<Snapshot>((opened, failed) => {
      const done = onConnection(source, { waitMs, timeoutMs }, async (held) => {
        const client = held.connection.promise();
        await held.guard(client.query(longIdleSettings(timeoutMs)));
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
        // Its session's limits are not those of a short transaction.
        held.discard();
      }).finally(() => {
        open -= 1;
      });
      // Before it is open the caller learns of a failure; afterwards `read` and `close` tell.
      done.catch(failed);
    });
  };
}
