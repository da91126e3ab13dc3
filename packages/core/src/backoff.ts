import { setTimeout as wait } from 'node:timers/promises';

/** Bounds of an exponential backoff, in milliseconds. */
export interface Backoff {
  readonly initialMs: number;
  readonly maxMs: number;
}

/**
 * The delay before attempt `attempt` (1 is the first retry). It doubles up to `maxMs`, and then loses a random part of
 * up to half of it, so callers that failed together don't return together ("equal jitter").
 */
export function backoffDelayMs(attempt: number, { initialMs, maxMs }: Backoff, random = Math.random): number {
  const full = Math.min(maxMs, initialMs * 2 ** Math.max(0, attempt - 1));
  return full / 2 + (random() * full) / 2;
}

/** Waits, or returns early when the signal is aborted. It never throws. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, signal ? { signal } : undefined);
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}
