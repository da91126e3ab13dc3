import { type RecordedTransaction, reasons, type Transaction } from './transaction.js';

/** A transaction that a dead letter names, as far as it can be read. */
export type NamedTransaction = Pick<Transaction, 'txNo'> & Partial<Transaction>;

/** What is known when a dead letter is dropped. */
export interface DropFacts {
  /** Those on record, by txNo: they keep their verdict. */
  readonly recorded: ReadonlyMap<string, RecordedTransaction>;
  /** Transactions from below it are settled or forgotten, so nothing is said of them; milliseconds since the epoch. */
  readonly floorMs: number;
  /** Stands in for a create time that can't be read. */
  readonly bornTimeMs: number;
  /** Who published them; blank when that isn't known. */
  readonly participant: string;
}

/** The records to write so that no later delivery applies what was given up; each txNo once. */
export function dropTransactions(
  named: readonly NamedTransaction[],
  facts: DropFacts,
): RecordedTransaction[] {
  const dropped = new Map<string, RecordedTransaction>();
  for (const { txNo, productId = 0n, payCount = 0, createTimeMs = facts.bornTimeMs } of named) {
    if (facts.recorded.has(txNo) || createTimeMs < facts.floorMs) continue;
    dropped.set(txNo, {
      txNo,
      productId,
      payCount,
      createTimeMs,
      participant: facts.participant,
      outcome: 'REJECTED',
      reason: reasons.dropped,
    });
  }
  return [...dropped.values()];
}
