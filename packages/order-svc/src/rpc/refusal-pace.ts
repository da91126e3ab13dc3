/** Keeps those who send orders that are refused from using up the event loop: their streams go on in its next turn. */
export interface RefusalPace {
  /** An order was refused, which takes longer than to accept one and waits for nothing. */
  refused(): void;
  /** Resolves in a later turn, first come first served; undefined when this one has room. */
  turn(): Promise<void> | undefined;
}

/** Refusals in a turn of the event loop after which streams wait for the next one: some milliseconds. */
const MAX_REFUSALS = 200;

/** Makes the pace that all streams of a process share. */
export function createRefusalPace(): RefusalPace {
  let refusals = 0;
  const waiters: (() => void)[] = [];
  // One in a turn: all that wait would use it up together.
  function passOne(): void {
    refusals = 0;
    waiters.shift()?.();
    if (waiters.length > 0) setImmediate(passOne);
  }
  return {
    refused() {
      refusals += 1;
    },
    turn() {
      if (refusals < MAX_REFUSALS && waiters.length === 0) return undefined;
      return new Promise((resolve) => {
        if (waiters.push(resolve) === 1) setImmediate(passOne);
      });
    },
  };
}
