import type { DecodedTransaction } from '@txmsg/contracts/messages';
import { type Decision, DROPPED, type RecordedTransaction } from './transaction.js';

/** A transaction that a dead letter names, as far as it can be read. */
export type NamedTransaction = Pick<DecodedTransaction<unknown>, 'txNo'> &
  Partial<DecodedTransaction<unknown>>;

/** A record to write; the message is missing where it can't be read. */
export type NewRecord = Pick<RecordedTransaction, 'txNo' | 'createTimeMs' | 'participant' | 'type'> & {
  readonly message?: unknown;
};

/** What is known when a dead letter is dropped. */
export interface DropFacts {
  /** Those on record, by txNo: they keep their decision. */
  readonly recorded: ReadonlyMap<string, RecordedTransaction>;
  /** Transactions from below it are settled or forgotten, so nothing is said of them; milliseconds since the epoch. */
  readonly floorMs: number;
  /** Stands in for a create time that can't be read. */
  readonly bornTimeMs: number;
  /** Who published them; blank when that isn't known. */
  readonly participant: string;
}

/** The decision on each of them. */
export const dropped: Decision = { outcome: 'REJECTED', reason: DROPPED };

/** The records to write so that no later delivery applies what was given up; each txNo once. */
export function dropTransactions(named: readonly NamedTransaction[], facts: DropFacts): NewRecord[] {
  const records = new Map<string, NewRecord>();
  for (const { txNo, message, type = '', createTimeMs = facts.bornTimeMs } of named) {
    if (facts.recorded.has(txNo) || createTimeMs < facts.floorMs) continue;
    records.set(txNo, { txNo, createTimeMs, participant: facts.participant, type, message });
  }
  return [...records.values()];
}
