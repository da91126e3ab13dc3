/** Lets a loop wait until others wake it. */
export interface Bell {
  /** Ends the current wait, or the next one when nobody waits now. */
  ring(): void;
  /** Waits for the ring, the timeout or the abort. Returns true when it was rung. */
  wait(ms: number, signal: AbortSignal): Promise<boolean>;
}

/** Creates a bell for one loop. */
export function createBell(): Bell {
  let rung = false;
  let wake: () => void = () => undefined;
  return {
    ring() {
      rung = true;
      wake();
    },
    wait(ms, signal) {
      return new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          wake = () => undefined;
          resolve(rung);
          rung = false;
        };
        const timer = setTimeout(done, ms);
        signal.addEventListener('abort', done);
        wake = done;
        if (rung || signal.aborted) done();
      });
    },
  };
}
