/** Those who wait for something that others tell, first come first served. */
export interface Waiters {
  /** How many wait. */
  readonly size: number;
  /** Resolves when it is woken, or when the signal is aborted: never rejects. */
  wait(signal?: AbortSignal): Promise<void>;
  /** Wakes those who have waited for longest: `count` of them, or all. */
  wake(count?: number): void;
}

/** Makes a line of waiters; nothing of one stays behind at a signal that lives long. */
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
