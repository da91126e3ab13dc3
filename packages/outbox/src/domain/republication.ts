/** Bounds of the delay between publications of one transaction, in milliseconds. */
export interface RepublicationLimits {
  /** No re-publication before this age. */
  readonly firstMs: number;
  /** The delay doubles up to this. */
  readonly maxMs: number;
}

/** Doublings at most, which keeps the delay a number that SQL can hold. */
export const MAX_DOUBLINGS = 30;
/** Delays are spread by chance, so that what was published together does not return together. */
export const DELAY_SPREAD = { least: 0.95, width: 0.1 } as const;

/**
 * The delay until the next publication, which doubles with each of the `doublings`, up to `maxMs`. The store computes the
 * same in SQL; a test holds the two equal.
 */
export function relayDelayMs(doublings: number, { firstMs, maxMs }: RepublicationLimits): number {
  return Math.min(maxMs, firstMs * 2 ** Math.min(doublings, MAX_DOUBLINGS));
}

/** How often the delay of a row had doubled when it was last published: not at the first publication. */
export function doublingsSoFar(relayCount: number): number {
  return Math.max(relayCount, 1) - 1;
}

/** A due row of the outbox. */
export interface DueTransaction {
  readonly txNo: string;
  readonly createTimeMs: number;
  /** Publications so far, the half message included; 0: none has succeeded. */
  readonly relayCount: number;
}

/** What is done with the due rows of one claim. */
export interface ClaimPlan<T extends DueTransaction> {
  readonly publish: readonly T[];
  /** Those whose first publication may still be on its way, with the present lag. */
  readonly postpone: readonly T[];
}

/** No lag delays a re-publication for longer than this, whatever is measured. */
const LONGEST_FIRST_DELAY_MS = 86_400_000;

/** The delay before a transaction's first re-publication, by the delivery lag: max(first, twice the lag). */
export function firstDelayMs(lagMs: number, { firstMs }: RepublicationLimits): number {
  return Math.max(firstMs, Math.min(2 * lagMs, LONGEST_FIRST_DELAY_MS));
}

/**
 * The delivery lag that a settlement shows: what the consumer measured, but never more than the age of what was settled,
 * since the database's clock tells that age and the consumer's may be wrong. Without a measure it is the age.
 *
 * @param ageMs age of the oldest transaction settled; undefined when it isn't known or tells nothing
 */
export function lagSampleMs(
  deliveryLagMs: number | undefined,
  ageMs: number | undefined,
): number | undefined {
  if (deliveryLagMs === undefined) return ageMs;
  return Math.max(0, ageMs === undefined ? deliveryLagMs : Math.min(deliveryLagMs, ageMs));
}

/**
 * Decides which due transactions are published again now. One that was published once is held back until it is twice as
 * old as deliveries now take: publishing again what is merely waiting in a backlog feeds the backlog until it never drains.
 * What was never published is not held back, and a small probe always passes, so that what was really lost heals.
 *
 * @param probes how many transactions may pass in spite of the lag
 */
export function planClaim<T extends DueTransaction>(
  due: readonly T[],
  state: { readonly nowMs: number; readonly lagMs: number; readonly probes: number },
  limits: RepublicationLimits,
): ClaimPlan<T> {
  const publish: T[] = [];
  const postpone: T[] = [];
  let probes = state.probes;
  const oldEnough = firstDelayMs(state.lagMs, limits);
  for (const row of due) {
    if (row.relayCount !== 1 || state.nowMs - row.createTimeMs >= oldEnough) publish.push(row);
    else if (probes > 0) {
      probes -= 1;
      publish.push(row);
    } else postpone.push(row);
  }
  return { publish, postpone };
}

/**
 * The longest lag seen lately: the maximum of two windows. The older one is dropped when the newer one is full, so a lag
 * counts for one to two windows after it was seen.
 */
export class LagTracker {
  readonly #windowMs: number;
  #windowStartMs = 0;
  #current = 0;
  #previous = 0;

  constructor(windowMs = 30_000) {
    this.#windowMs = windowMs;
  }

  /** Takes a sample; times are from one monotonic clock, in milliseconds. */
  record(lagMs: number, nowMs: number): void {
    this.#turn(nowMs);
    this.#current = Math.max(this.#current, lagMs);
  }

  /** The lag to count with now, in milliseconds. */
  lagMs(nowMs: number): number {
    this.#turn(nowMs);
    return Math.max(this.#current, this.#previous);
  }

  #turn(nowMs: number): void {
    const elapsed = nowMs - this.#windowStartMs;
    if (elapsed < this.#windowMs) return;
    this.#previous = elapsed < 2 * this.#windowMs ? this.#current : 0;
    this.#current = 0;
    this.#windowStartMs = nowMs;
  }
}
