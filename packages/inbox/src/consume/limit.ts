/**
 * Runs work as soon as fewer than a number of others run. Owners whose work waits take turns; that of one owner is first
 * come first served.
 */
export type Limit = <T>(owner: object, work: () => Promise<T>) => Promise<T>;

/** Makes a limit of `slots` at a time. */
export function createLimit(slots: number): Limit {
  const waiting = new Map<object, (() => void)[]>();
  let running = 0;
  return async (owner, work) => {
    // Whoever is woken takes over the slot of the one that has ended.
    if (running >= slots) await new Promise<void>((resolve) => wait(waiting, owner, resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const wake = takeNext(waiting);
      if (wake) wake();
      else running -= 1;
    }
  };
}

function wait(waiting: Map<object, (() => void)[]>, owner: object, wake: () => void): void {
  const own = waiting.get(owner);
  if (own) own.push(wake);
  else waiting.set(owner, [wake]);
}

function takeNext(waiting: Map<object, (() => void)[]>): (() => void) | undefined {
  for (const [owner, own] of waiting) {
    const wake = own.shift();
    // It goes to the end of the line.
    waiting.delete(owner);
    if (own.length > 0) waiting.set(owner, own);
    return wake;
  }
  return undefined;
}
