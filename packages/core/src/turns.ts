import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long work may keep the event loop before others have their turn. */
const TURN_MS = 10;

/**
 * For a loop over steps that may be dear: asked between two steps, it gives a promise to wait for when 10 ms have gone by since
 * the last turn of the event loop that it gave, and undefined before.
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
