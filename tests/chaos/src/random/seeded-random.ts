/** A source of randomness that gives the same values for the same seed, everywhere. */
export interface SeededRandom {
  /** From 0 (included) to 1 (excluded). */
  next(): number;
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** One of the items. Throws RangeError when there are none. */
  pick<T>(items: readonly T[]): T;
  /** The items in another order. */
  shuffle<T>(items: readonly T[]): T[];
  /** A separate source for one purpose, so the draws of one purpose don't change those of another. */
  fork(purpose: string): SeededRandom;
}

/**
 * Creates a source of randomness: the generator sfc32 (PractRand, C. Doty-Humphrey), seeded through a hash of the text.
 */
export function createSeededRandom(seed: number | string): SeededRandom {
  const next = sfc32(hash(String(seed)));
  const int = (min: number, max: number) => min + Math.floor(next() * (max - min + 1));
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick(items) {
      const item = items[int(0, items.length - 1)];
      if (item === undefined) throw new RangeError('there is nothing to pick from');
      return item;
    },
    shuffle(items) {
      const shuffled = [...items];
      for (let last = shuffled.length - 1; last > 0; last -= 1) swap(shuffled, last, int(0, last));
      return shuffled;
    },
    fork: (purpose) => createSeededRandom(`${seed}/${purpose}`),
  };
}

function swap<T>(items: T[], a: number, b: number): void {
  [items[a], items[b]] = [items[b] as T, items[a] as T];
}

/** Four well-mixed words from a text (FNV-1a with a different start per word). */
function hash(text: string): [number, number, number, number] {
  const word = (start: number) => {
    let value = start;
    for (let index = 0; index < text.length; index += 1) {
      value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
    }
    return value >>> 0;
  };
  return [word(0x811c9dc5), word(0x9e3779b9), word(0x85ebca6b), 1];
}

function sfc32([a0, b0, c0, d0]: [number, number, number, number]): () => number {
  let [a, b, c, counter] = [a0, b0, c0, d0];
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 0x1_0000_0000;
  };
  // The first values still show the seed.
  for (let round = 0; round < 15; round += 1) next();
  return next;
}
