import { TxmsgError } from '@txmsg/core';
import { isLockWaitTimeout, isOutage, isRetryable, isSaturated, type Snapshot } from '@txmsg/mysql';
import type { Refusals } from '../publish/refusals.js';

/** How RPCs await work on the database. */
export interface OutageGuard {
  /**
   * Passes a result on. An outage of the database or a lock wait is reported; these and a deadlock become UNAVAILABLE with a
   * retry delay.
   *
   * @throws TxmsgError UNAVAILABLE; RESOURCE_EXHAUSTED when all connections are in use; or what `work` rejects with
   */
  guard<T>(work: Promise<T>): Promise<T>;
  /** The same for the opening of a snapshot and each read of it. */
  guardSnapshot(opening: Promise<Snapshot>): Promise<Snapshot>;
}

/** Makes the guard; `database` is how refusals speak of it. */
export function createOutageGuard(
  database: string,
  { tooBusy }: Pick<Refusals, 'tooBusy'>,
  onOutage: (error: unknown) => void,
): OutageGuard {
  const guard = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (isSaturated(error)) throw tooBusy(error);
      // A lock may be one of the whole server: worth a look.
      if (isOutage(error) || isLockWaitTimeout(error)) onOutage(error);
      else if (!isRetryable(error)) throw error;
      throw new TxmsgError('UNAVAILABLE', `the ${database} database cannot be reached`, {
        cause: error,
        retryDelayMs: 1_000,
      });
    }
  };
  return {
    guard,
    async guardSnapshot(opening) {
      const snapshot = await guard(opening);
      return { read: (work) => guard(snapshot.read(work)), close: () => snapshot.close() };
    },
  };
}
