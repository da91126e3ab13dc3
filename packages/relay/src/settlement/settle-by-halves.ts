import type { Failure } from './judge-failure.js';

/** What became of items that were brought in parts. */
export interface BroughtItems<T> {
  /** Keys that the receiver could not take now. */
  readonly unsettled: readonly string[];
  /** Items that fail by themselves, each with its error. */
  readonly refused: readonly { readonly item: T; readonly error: unknown }[];
  /** Items that were not tried by themselves within the bound of calls. */
  readonly untried: readonly T[];
  /** The last failure of those that are left untried. */
  readonly failure?: unknown;
}

/** Enough to find two items among a thousand. */
const CALLS_MAX = 40;
/** A receiver that fails at the whole, the halves and the quarters fails at anything. */
const FAULTS_MAX = 7;

/**
 * Brings items. When they are refused together, it brings them in halves, until it has found those that are refused by
 * themselves. It makes 40 calls at most, and 7 when all of them were faults.
 *
 * @param bring resolves with the keys that could not be taken now
 * @throws what `bring` throws when `judge` calls it an outage
 */
export async function settleByHalves<T>(
  items: readonly T[],
  bring: (items: readonly T[]) => Promise<readonly string[]>,
  judge: (error: unknown) => Failure,
): Promise<BroughtItems<T>> {
  const unsettled: string[] = [];
  const refused: { item: T; error: unknown }[] = [];
  const waiting = [items];
  let failure: unknown;
  let calls = 0;
  let faults = 0;
  const isHopeless = () => calls === CALLS_MAX || (faults === FAULTS_MAX && calls === FAULTS_MAX);
  for (let part = waiting.shift(); part; part = waiting.shift()) {
    if (isHopeless()) return { unsettled, refused, untried: [part, ...waiting].flat(), failure };
    calls += 1;
    try {
      unsettled.push(...(await bring(part)));
    } catch (error) {
      const kind = judge(error);
      if (kind === 'outage') throw error;
      if (kind === 'fault') faults += 1;
      failure = error;
      const [item] = part;
      const half = Math.ceil(part.length / 2);
      if (part.length > 1) waiting.push(part.slice(0, half), part.slice(half));
      else if (item !== undefined) refused.push({ item, error });
    }
  }
  return { unsettled, refused, untried: [] };
}
