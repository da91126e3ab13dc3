import { createWaiters } from '@txmsg/core';

/** Lets receiving go on while the database is there. */
export interface Gate {
  readonly isOpen: boolean;
  open(): void;
  close(): void;
  /** Resolves when it is open, or when the signal is aborted. */
  passable(signal: AbortSignal): Promise<void>;
  /** Aborted when the gate closes; a new one after each closing. */
  readonly closing: AbortSignal;
}

/** Makes a gate that is closed. */
export function createGate(): Gate {
  let closing = AbortSignal.abort();
  let controller = new AbortController();
  const waiters = createWaiters();
  return {
    get isOpen() {
      return !closing.aborted;
    },
    get closing() {
      return closing;
    },
    open() {
      if (!closing.aborted) return;
      controller = new AbortController();
      closing = controller.signal;
      waiters.wake();
    },
    close: () => controller.abort(),
    async passable(signal) {
      if (closing.aborted) await waiters.wait(signal);
    },
  };
}
