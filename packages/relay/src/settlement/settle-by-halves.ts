/** What became of items that were brought in parts. */
export interface BroughtItems<T> {
  /** Keys that the receiver could not take now. */
  readonly unsettled: readonly string[];
  /** Items that it refuses by themselves, each with its error. */
  readonly refused: readonly { readonly item: T; readonly error: unknown }[];
  /** Items that were not tried by themselves within the bound of calls. */
  readonly untried: readonly T[];
}

/** Enough to find two items among a thousand. */
const CALLS_MAX = 40;

/**
 * Brings items; when they are refused together, brings them in halves, until those that are refused by themselves are
 * found, in a bounded number of calls.
 *
 * @param bring resolves with the keys that could not be taken now
 * @throws what `bring` throws when `isRefusal` is false of it
 */
export async function settleByHalves<T>(
  items: readonly T[],
  bring: (items: readonly T[]) => Promise<readonly string[]>,
  isRefusal: (error: unknown) => boolean,
): Promise<BroughtItems<T>> {
  const unsettled: string[] = [];
  const refused: { item: T; error: unknown }[] = [];
  const untried: T[] = [];
  const waiting = [items];
  let calls = 0;
  for (let part = waiting.shift(); part; part = waiting.shift()) {
    calls += 1;
    if (calls > CALLS_MAX) {
      untried.push(...part);
      continue;
    }
    try {
      unsettled.push(...(await bring(part)));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const [item] = part;
      const half = Math.ceil(part.length / 2);
      if (part.length > 1) waiting.push(part.slice(0, half), part.slice(half));
      else if (item !== undefined) refused.push({ item, error });
    }
  }
  return { unsettled, refused, untried };
}
