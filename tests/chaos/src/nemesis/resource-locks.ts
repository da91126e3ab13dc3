/** Lets holders have resources for themselves, first come first served. */
export interface ResourceLocks {
  /**
   * Waits until all the resources are free, and takes them. Returns a function that gives them back.
   *
   * @throws the signal's reason when it is aborted first
   */
  acquire(resources: readonly string[], signal: AbortSignal): Promise<() => void>;
  /** True while someone holds the resource. */
  isHeld(resource: string): boolean;
}

interface Waiter {
  readonly resources: readonly string[];
  readonly grant: () => void;
}

/** Creates locks that nobody holds. */
export function createResourceLocks(): ResourceLocks {
  const held = new Set<string>();
  let waiters: Waiter[] = [];

  /** In order of arrival. A waiting holder keeps its resources from those that came later. */
  function grantAll(): void {
    const wanted = new Set<string>();
    const granted = waiters.filter(({ resources }) => {
      const free = resources.every((resource) => !held.has(resource) && !wanted.has(resource));
      for (const resource of resources) (free ? held : wanted).add(resource);
      return free;
    });
    waiters = waiters.filter((waiter) => !granted.includes(waiter));
    for (const { grant } of granted) grant();
  }
  function release(resources: readonly string[]): void {
    for (const resource of resources) held.delete(resource);
    grantAll();
  }
  return {
    isHeld: (resource) => held.has(resource),
    acquire(resources, signal) {
      return new Promise((resolve, reject) => {
        const leave = () => {
          waiters = waiters.filter((other) => other !== waiter);
          reject(signal.reason);
          grantAll();
        };
        const waiter: Waiter = {
          resources,
          grant() {
            signal.removeEventListener('abort', leave);
            resolve(() => release(resources));
          },
        };
        if (signal.aborted) return reject(signal.reason);
        signal.addEventListener('abort', leave, { once: true });
        waiters.push(waiter);
        grantAll();
      });
    },
  };
}
