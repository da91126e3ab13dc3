/** What a run has opened. It is closed in reverse order. */
export interface Closers {
  /** Registers a function that closes a value, and returns the value. */
  own<T extends { stop(): Promise<unknown> }>(opened: T): T;
  /** Closes all, also after a failure; throws the first failure at the end. */
  closeAll(): Promise<void>;
}

/** Creates an empty list. */
export function createClosers(): Closers {
  const opened: { stop(): Promise<unknown> }[] = [];
  return {
    own(thing) {
      opened.push(thing);
      return thing;
    },
    async closeAll() {
      const faults: unknown[] = [];
      for (const thing of opened.splice(0).reverse())
        await thing.stop().catch((fault: unknown) => faults.push(fault));
      if (faults.length > 0) throw faults[0];
    },
  };
}
