/** What a run has opened, closed in reverse order. */
export interface Closers {
  /** Registers what closes something, and hands the thing on. */
  own<T extends { stop(): Promise<unknown> }>(opened: T): T;
  /** Closes all; goes on after a failure and throws the first one at the end. */
  closeAll(): Promise<void>;
}

/** Makes an empty list. */
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
