/** Work that continues until it is told to end. */
export interface Background {
  /** Ends the work and waits for it. Throws the work's failure. Idempotent. */
  stop(): Promise<void>;
}

/** Starts work that ends when its signal is aborted. */
export function startBackground(work: (signal: AbortSignal) => Promise<void>): Background {
  const stopping = new AbortController();
  const done = work(stopping.signal);
  // `stop` throws it; without a listener it would end the process.
  done.catch(() => {});
  return {
    async stop() {
      stopping.abort();
      await done;
    },
  };
}

/** Things to close, the last one first. */
export interface Closers {
  add(close: () => Promise<unknown> | unknown): void;
  /** Closes all, also when some fail. Throws the first failure. Idempotent. */
  close(): Promise<void>;
}

/** Creates an empty list. */
export function createClosers(): Closers {
  const list: (() => Promise<unknown> | unknown)[] = [];
  return {
    add: (close) => void list.push(close),
    async close() {
      const failures: unknown[] = [];
      for (const close of list.splice(0).reverse()) {
        try {
          await close();
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}
