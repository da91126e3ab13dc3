import { sleep } from '@txmsg/core';

/** Between two batches: a purge never takes the database from the transactions. */
const PAUSE_MS = 20;

/**
 * Purges in batches, until one is not full, the signal is aborted, or `mayGoOn` says no. It asks `mayGoOn` before each
 * batch but the first.
 *
 * @param purge forgets up to `size` rows, and returns how many
 * @returns rows forgotten
 */
export async function inBatches(
  size: number,
  purge: () => Promise<number>,
  signal: AbortSignal,
  mayGoOn: () => Promise<boolean> = async () => true,
): Promise<number> {
  let total = 0;
  while (!signal.aborted) {
    const purged = await purge();
    total += purged;
    if (purged < size) break;
    await sleep(PAUSE_MS, signal);
    if (!(await mayGoOn())) break;
  }
  return total;
}
