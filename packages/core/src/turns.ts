import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long work may keep the event loop before others get a turn. */
const TURN_MS = 10;

/**
 * For a loop whose steps may be expensive. Call it between two steps. When 10 ms have passed since the last turn that
 * it gave, it returns a promise to await; otherwise it returns undefined.
 */
export function createTurns(): () => Promise<void> | undefined {
  let sinceMs = performance.now();
  return () => {
    if (performance.now() - sinceMs <= TURN_MS) return undefined;
    return nextTurn().then(() => {
      sinceMs = performance.now();
    });
  };
}
