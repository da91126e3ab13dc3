import { sleep } from '@txmsg/core';
import { StackError } from './errors.js';

/** How long and how often `waitFor` asks. */
export interface WaitOptions {
  readonly timeoutMs: number;
  readonly intervalMs?: number;
  /** Names what is awaited in the error. */
  readonly what: string;
  /** Ends the waiting with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Asks `condition` until it is true. Throws START_TIMEOUT when it is still false after `timeoutMs`. Errors of the
 * condition are thrown at once.
 */
export async function waitFor(
  condition: () => Promise<boolean> | boolean,
  options: WaitOptions,
): Promise<void> {
  const deadline = performance.now() + options.timeoutMs;
  while (!(await condition())) {
    options.signal?.throwIfAborted();
    if (performance.now() > deadline) {
      throw new StackError('START_TIMEOUT', `${options.what}: not after ${options.timeoutMs} ms`);
    }
    await sleep(options.intervalMs ?? 50);
  }
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
