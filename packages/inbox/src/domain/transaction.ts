import type { DecodedTransaction, MessageType } from '@txmsg/contracts/messages';

/** What a consumer decided of a transaction; once it is committed it stands forever. */
export interface Decision {
  readonly outcome: 'APPLIED' | 'REJECTED';
  /** Upper-case code; empty when it was applied. */
  readonly reason: string;
}

/** A transaction as a message carries it, with its publisher. */
export interface CarriedTransaction {
  readonly transaction: DecodedTransaction<unknown>;
  /** Who published it; blank when that isn't known. */
  readonly participant: string;
}

/** A transaction that nobody has decided yet; a handler decides it. */
export interface Fresh<M> extends DecodedTransaction<M> {
  /** Who published it; blank when that isn't known. */
  readonly participant: string;
}

/** A transaction on record. */
export interface RecordedTransaction extends Decision {
  readonly txNo: string;
  /** Milliseconds since the epoch, by the clock of the participant's database (or of the broker's producer). */
  readonly createTimeMs: number;
  /** Who published it; blank when that isn't known. */
  readonly participant: string;
  /** The name of its message type; blank on records from before types were stored. */
  readonly type: string;
  /** What it asked for, as `content` of its message type tells it. */
  readonly content: string;
}

/** What a transaction asks for, to compare it with what is on record. */
export type ContentOf = (transaction: Pick<DecodedTransaction<unknown>, 'type' | 'message'>) => string;

/** Makes the function that tells the content of transactions of these types. */
export function createContentOf(types: readonly MessageType<unknown>[]): ContentOf {
  const byName = new Map(types.map((one) => [one.type, one]));
  return ({ type, message }) => {
    try {
      return byName.get(type)?.content(message) ?? '';
    } catch (cause) {
      // The message's own fault, whatever it is.
      throw new TypeError(`the content of a ${type} can not be told`, { cause });
    }
  };
}

/** It took effect. */
export const APPLIED: Decision = { outcome: 'APPLIED', reason: '' };

/** The reason of a transaction whose message a person gave up. */
export const DROPPED = 'DROPPED';

/**
 * Whether two publications may come from the same participant. A name that isn't known matches any: a foreign producer
 * gives none, and records from before names were stored have none.
 */
export function mayBeSameParticipant(one: string, other: string): boolean {
  return one === other || one === '' || other === '';
}
