/** A line of callers that wait for an event, first come first served. */
export interface Waiters {
  /** How many callers wait. */
  readonly size: number;
  /** Resolves when the caller is woken, or when the signal is aborted. It never rejects. */
  wait(signal?: AbortSignal): Promise<void>;
  /** Wakes the callers that have waited longest: `count` of them, or all. */
  wake(count?: number): void;
}

/** Creates a line of waiters. A waiter leaves no listener on a long-lived signal. */
export function createWaiters(): Waiters {
  const waiters = new Set<() => void>();
  return {
    get size() {
      return waiters.size;
    },
    wait(signal) {
      if (signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const leave = () => {
          waiters.delete(leave);
          signal?.removeEventListener('abort', leave);
          resolve();
        };
        waiters.add(leave);
        signal?.addEventListener('abort', leave);
      });
    },
    wake(count = Number.POSITIVE_INFINITY) {
      let left = count;
      for (const leave of waiters) {
        if (left <= 0) return;
        left -= 1;
        leave();
      }
    },
  };
}
