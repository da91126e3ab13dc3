import { createWaiters } from '@txmsg/core';

/** Runs work as soon as fewer than a number of others run, first come first served. */
export type Limit = <T>(work: () => Promise<T>) => Promise<T>;

/** Makes a limit of `slots` at a time. */
export function createLimit(slots: number): Limit {
  const waiters = createWaiters();
  let running = 0;
  return async (work) => {
    // Whoever is woken takes over the slot of the one that has ended.
    if (running >= slots) await waiters.wait();
    else running += 1;
    try {
      return await work();
    } finally {
      if (waiters.size > 0) waiters.wake(1);
      else running -= 1;
    }
  };
}
