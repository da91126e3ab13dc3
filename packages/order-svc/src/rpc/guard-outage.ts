import { TxmsgError } from '@txmsg/core';
import { isLockWaitTimeout, isOutage, isRetryable, isSaturated } from '@txmsg/mysql';
import { tooBusy } from '../submit/refusals.js';

/**
 * Passes a result on; an outage of the database or a lock wait is told to `onOutage`; these and a deadlock become UNAVAILABLE with a retry
 * delay.
 *
 * @throws TxmsgError UNAVAILABLE; RESOURCE_EXHAUSTED when all connections are in use; or what `work` rejects with
 */
export async function guardOutage<T>(work: Promise<T>, onOutage: (error: unknown) => void): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isSaturated(error)) throw tooBusy(error);
    // A lock may be one of the whole server: worth a look.
    if (isOutage(error) || isLockWaitTimeout(error)) onOutage(error);
    else if (!isRetryable(error)) throw error;
    throw new TxmsgError('UNAVAILABLE', 'the order database cannot be reached', {
      cause: error,
      retryDelayMs: 1_000,
    });
  }
}
