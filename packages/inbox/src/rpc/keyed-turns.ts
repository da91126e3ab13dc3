/** Lets callers of the same key go on `slots` at a time. */
export type KeyedTurns<Key> = <T>(key: Key, work: () => Promise<T>) => Promise<T>;

/** How turns are given. */
export interface KeyedTurnsOptions {
  /** Callers of a key that go on at the same time. */
  readonly slots: number;
  /** Callers of a key that may wait. */
  readonly maxWaiting: number;
  /** How long a caller waits for its turn, in milliseconds. */
  readonly waitMs: number;
  /** The error of a caller that gets no turn. */
  readonly refuse: () => Error;
  /** Whether a failure says that those who wait for the same key would fare no better: they are refused at once. */
  readonly refusesAll?: (error: unknown) => boolean;
}

interface Waiting {
  readonly go: () => void;
  readonly giveUp: () => void;
}

interface Lane {
  running: number;
  waiting: Waiting[];
}

/** Makes turns: first come, first served. Keys that nobody uses take no memory. */
export function createKeyedTurns<Key>({
  slots,
  maxWaiting,
  waitMs,
  refuse,
  refusesAll = () => false,
}: KeyedTurnsOptions): KeyedTurns<Key> {
  const lanes = new Map<Key, Lane>();
  const take = async (lane: Lane) => {
    if (lane.running < slots) {
      lane.running += 1;
      return;
    }
    if (lane.waiting.length >= maxWaiting) throw refuse();
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => one.giveUp(), waitMs);
      const leave = () => {
        clearTimeout(timer);
        lane.waiting = lane.waiting.filter((other) => other !== one);
      };
      const one: Waiting = {
        go() {
          leave();
          resolve();
        },
        giveUp() {
          leave();
          reject(refuse());
        },
      };
      lane.waiting.push(one);
    });
  };
  return async (key, work) => {
    const lane = lanes.get(key) ?? { running: 0, waiting: [] };
    lanes.set(key, lane);
    await take(lane);
    try {
      return await work();
    } catch (error) {
      if (refusesAll(error)) for (const one of lane.waiting) one.giveUp();
      throw error;
    } finally {
      // The next one takes over the slot.
      const [next] = lane.waiting;
      if (next) next.go();
      else lane.running -= 1;
      if (lane.running === 0) lanes.delete(key);
    }
  };
}
