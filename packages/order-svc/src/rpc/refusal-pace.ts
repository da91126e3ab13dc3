/** Keeps those who send orders that are refused from using up the event loop: their streams go on in its next turn. */
export interface RefusalPace {
  /** An order was refused, which takes longer than to accept one and waits for nothing. */
  refused(): void;
  /** Resolves in a turn that has room; at once, without a promise, when this one has. */
  turn(): Promise<void> | undefined;
}

/** Refusals in a turn of the event loop after which streams wait for the next one: some milliseconds. */
const MAX_REFUSALS = 200;

/** Makes the pace that all streams of a process share. */
export function createRefusalPace(): RefusalPace {
  let refusals = 0;
  let next: Promise<void> | undefined;
  async function waitForRoom(): Promise<void> {
    while (refusals >= MAX_REFUSALS) {
      next ??= new Promise((resolve) => {
        setImmediate(() => {
          next = undefined;
          refusals = 0;
          resolve();
        });
      });
      await next;
    }
  }
  return {
    refused() {
      refusals += 1;
    },
    turn: () => (refusals < MAX_REFUSALS ? undefined : waitForRoom()),
  };
}
