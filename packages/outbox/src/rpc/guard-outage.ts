import { TxmsgError } from '@txmsg/core';
import { isLockWaitTimeout, isOutage, isRetryable, isSaturated } from '@txmsg/mysql';
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
}

/** Makes the guard; `database` is how refusals speak of it. */
export function createOutageGuard(
  database: string,
  { tooBusy }: Pick<Refusals, 'tooBusy'>,
  onOutage: (error: unknown) => void,
): OutageGuard {
  return {
    async guard(work) {
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
    },
  };
}
