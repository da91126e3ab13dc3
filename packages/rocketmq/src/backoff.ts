/** Delays that double from `minMs` to `maxMs`, each drawn from the upper half of its step so that peers part. */
export interface Backoff {
  /** The next delay in milliseconds. */
  next(): number;
  /** Starts again from `minMs`. */
  reset(): void;
}

/** Makes a Backoff; `random` is for tests. */
export function createBackoff(minMs: number, maxMs: number, random: () => number = Math.random): Backoff {
  let stepMs = minMs;
  return {
    next() {
      const delayMs = stepMs * (0.5 + random() / 2);
      stepMs = Math.min(maxMs, stepMs * 2);
      return delayMs;
    },
    reset() {
      stepMs = minMs;
    },
  };
}
