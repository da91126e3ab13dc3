/** Lets a loop wait that others may wake. */
export interface Bell {
  /** Ends the present wait, or the next one if nobody waits. */
  ring(): void;
  /** Waits for the ring, the time or the abort; true when it was rung. */
  wait(ms: number, signal: AbortSignal): Promise<boolean>;
}

/** Makes a Bell for one loop. */
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
