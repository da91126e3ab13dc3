import { backoffDelayMs } from '@txmsg/core';

/** Keys of rows that somebody else keeps locked, as far as this process knows. */
export interface HeldKeys<Key> {
  readonly size: number;
  has(key: Key): boolean;
  /** Those of the keys that are known as held and due for another look; whoever gets them looks. */
  takeDue(keys: Iterable<Key>): Key[];
  /** What a look at keys has found: the held ones are due again after a backoff, the others are free. */
  note(looked: Iterable<Key>, held: ReadonlySet<Key>): void;
  /** Up to `limit` keys that have been held for so many milliseconds at least. */
  heldFor(ms: number, limit: number): Key[];
}

interface Hold {
  readonly sinceMs: number;
  looks: number;
  dueMs: number;
}

const BACKOFF = { initialMs: 100, maxMs: 1_000 };
/** A key that nobody has asked about for so long is forgotten. */
const FORGOTTEN_AFTER_MS = 60_000;

/** Makes a register of `maxKeys` keys at most; the one that was noted first is forgotten first. */
export function createHeldKeys<Key>(
  maxKeys = 10_000,
  now: () => number = () => performance.now(),
): HeldKeys<Key> {
  const holds = new Map<Key, Hold>();
  const hold = (key: Key) => {
    const one = holds.get(key) ?? { sinceMs: now(), looks: 0, dueMs: 0 };
    one.looks += 1;
    one.dueMs = now() + backoffDelayMs(one.looks, BACKOFF);
    holds.set(key, one);
  };
  const forget = () => {
    for (const [key, { dueMs }] of holds) {
      if (holds.size > maxKeys || now() - dueMs > FORGOTTEN_AFTER_MS) holds.delete(key);
    }
  };
  return {
    get size() {
      return holds.size;
    },
    has: (key) => holds.has(key),
    takeDue(keys) {
      const due: Key[] = [];
      for (const key of new Set(keys)) {
        const one = holds.get(key);
        if (one === undefined || one.dueMs > now()) continue;
        // Others don't look at it at the same time.
        one.dueMs = now() + BACKOFF.maxMs;
        due.push(key);
      }
      return due;
    },
    note(looked, held) {
      for (const key of looked) {
        if (held.has(key)) hold(key);
        else holds.delete(key);
      }
      forget();
    },
    heldFor(ms, limit) {
      const found: Key[] = [];
      for (const [key, { sinceMs }] of holds) {
        if (found.length < limit && now() - sinceMs >= ms) found.push(key);
      }
      return found;
    },
  };
}
