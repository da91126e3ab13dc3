import type { Queryable } from '@txmsg/mysql';
import type { DecodeMessage } from '../consume/delivery.js';
import type { OutcomesByType } from '../consume/publish-outcomes.js';
import { dropped, dropTransactions } from '../domain/drop-transactions.js';
import { type Decision, mayBeSameParticipant } from '../domain/transaction.js';
import type { DeadLetterRow } from '../store/dead-letters.js';
import type { InboxStore } from '../store/inbox-store.js';
import { replayDelivery } from './replay-dead-letter.js';

/** A dropped dead letter. */
export interface DroppedDeadLetter {
  readonly letter: DeadLetterRow;
  /** Outcomes to publish once this is committed. */
  readonly outcomes: OutcomesByType;
  /** Transactions rejected by this call. */
  readonly dropped: number;
  /** Transactions that had a decision before. */
  readonly alreadyDecided: number;
}

/** What dropping works with. */
export interface DropParts {
  readonly store: InboxStore;
  readonly decode: DecodeMessage;
}

/**
 * Gives a dead letter up: each transaction that it names and that has no decision is REJECTED with reason DROPPED, on
 * record, so that this stands forever. May be repeated.
 *
 * @returns undefined when there is no such dead letter
 * @throws 1062 when a consumer has just decided one of them: roll back and run it again
 */
export async function dropDeadLetter(
  { store: { floor, records, deadLetters, adminActions }, decode }: DropParts,
  tx: Queryable,
  id: bigint,
  actor: string,
): Promise<DroppedDeadLetter | undefined> {
  const floorMs = await floor.lock(tx);
  const letter = await deadLetters.find(tx, id, true);
  if (!letter) return undefined;
  const delivery = replayDelivery(letter);
  const { participant, bornTimeMs } = delivery;
  const { transactions, faults } = decode(delivery, bornTimeMs);
  const named = [...faults.flatMap(({ txNo }) => (txNo === undefined ? [] : [{ txNo }])), ...transactions];
  const recorded = await records.find(
    tx,
    named.map(({ txNo }) => txNo),
  );
  const fresh = dropTransactions(named, { recorded, floorMs, bornTimeMs, participant });
  await records.insert(tx, fresh, () => dropped);
  await deadLetters.mark(tx, id, 'DROPPED');
  const detail = `dropped ${fresh.length}, already decided ${recorded.size}`;
  await adminActions.insert(tx, { actor, action: 'DROP_DEAD_LETTER', target: String(id), detail });
  const outcomes = new Map<string, Map<string, Decision>>();
  const report = (type: string, txNo: string, { outcome, reason }: Decision) =>
    outcomes.set(type, (outcomes.get(type) ?? new Map()).set(txNo, { outcome, reason }));
  for (const record of recorded.values()) {
    if (mayBeSameParticipant(participant, record.participant)) report(record.type, record.txNo, record);
  }
  for (const { type, txNo } of fresh) report(type, txNo, dropped);
  return {
    letter: (await deadLetters.find(tx, id)) ?? letter,
    outcomes,
    dropped: fresh.length,
    alreadyDecided: recorded.size,
  };
}
