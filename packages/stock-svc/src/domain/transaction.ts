/** What a transaction asks for: take `payCount` pieces of `productId`, once for its `txNo`. */
export interface Transaction {
  readonly txNo: string;
  readonly productId: bigint;
  readonly payCount: number;
  /** Milliseconds since the epoch, by the clock of the participant's database (or of the broker's producer). */
  readonly createTimeMs: number;
}

/** What became of a transaction; once it is committed it stands for ever. */
export interface Verdict {
  readonly outcome: 'APPLIED' | 'REJECTED';
  /** Upper-case code; empty when it was applied. */
  readonly reason: string;
}

/** A transaction on record. */
export interface RecordedTransaction extends Transaction, Verdict {
  /** Who published it; blank when that isn't known. */
  readonly participant: string;
}

/**
 * Whether two publications may come from the same participant. A name that isn't known matches any: a foreign producer
 * gives none, and records from before names were stored have none.
 */
export function mayBeSameParticipant(one: string, other: string): boolean {
  return one === other || one === '' || other === '';
}

/** Why a transaction is rejected. */
export const reasons = {
  unknownProduct: 'UNKNOWN_PRODUCT',
  insufficientStock: 'INSUFFICIENT_STOCK',
  /** A person gave up the message that named it. */
  dropped: 'DROPPED',
} as const;
