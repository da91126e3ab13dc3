import type { ConnectionSource } from './connection-source.js';
import { PoolExhaustedError } from './errors.js';
import { onConnection, type Queryable } from './held-connection.js';
import { longIdleSettings } from './session-settings.js';

/** All reads see the database as it was when the snapshot was opened. */
export interface Snapshot {
  read<T>(work: (db: Queryable) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Opens a snapshot that may be open for `timeoutMs`. Waits at most `waitMs` for a connection. */
export type OpenSnapshot = (waitMs: number, timeoutMs: number) => Promise<Snapshot>;

/** Opens at most `limit` snapshots at a time; a further one is refused with PoolExhaustedError. */
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
        // The session's limits differ from those of a short transaction, so it is not reused.
        held.discard();
      }).finally(() => {
        open -= 1;
      });
      // A failure before the opening goes to the caller; a later one shows in `read` and `close`.
      done.catch(failed);
    });
  };
}
