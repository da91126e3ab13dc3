import type { Queryable } from '@txmsg/mysql';
import { decodeBody } from '../consumer/decode-delivery.js';
import { dropTransactions } from '../domain/drop-transactions.js';
import { mayBeSameParticipant, type Verdict } from '../domain/transaction.js';
import { type DeadLetterRow, findDeadLetter } from '../store/find-dead-letter.js';
import { findTransactions } from '../store/find-transactions.js';
import { insertAdminAction } from '../store/insert-admin-action.js';
import { insertTransactions } from '../store/insert-transactions.js';
import { lockFloor } from '../store/lock-floor.js';
import { markDeadLetter } from '../store/mark-dead-letter.js';

/** A dropped dead letter. */
export interface DroppedDeadLetter {
  readonly letter: DeadLetterRow;
  /** Verdicts to publish once this is committed, by txNo. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** Transactions rejected by this call. */
  readonly dropped: number;
  /** Transactions that had a verdict before. */
  readonly alreadyDecided: number;
}

/**
 * Gives a dead letter up: each transaction that it names and that has no verdict is REJECTED with reason DROPPED, on
 * record, so that this stands for ever. May be repeated.
 *
 * @returns undefined when there is no such dead letter
 * @throws 1062 when a consumer has just decided one of them: roll back and run it again
 */
export async function dropDeadLetter(
  tx: Queryable,
  id: bigint,
  actor: string,
): Promise<DroppedDeadLetter | undefined> {
  const floorMs = await lockFloor(tx);
  const letter = await findDeadLetter(tx, id, true);
  if (!letter) return undefined;
  const bornTimeMs = (letter.bornTime ?? letter.createTime).getTime();
  const { transactions, faults } = decodeBody(letter.body, bornTimeMs);
  const named = [...faults.flatMap(({ txNo }) => (txNo === undefined ? [] : [{ txNo }])), ...transactions];
  const recorded = await findTransactions(
    tx,
    named.map(({ txNo }) => txNo),
  );
  const records = dropTransactions(named, {
    recorded,
    floorMs,
    bornTimeMs,
    participant: letter.participant,
  });
  await insertTransactions(tx, records);
  await markDeadLetter(tx, id, 'DROPPED');
  const detail = `dropped ${records.length}, already decided ${recorded.size}`;
  await insertAdminAction(tx, { actor, action: 'DROP_DEAD_LETTER', target: String(id), detail });
  const verdicts = new Map<string, Verdict>(
    [...recorded.values(), ...records]
      .filter(({ participant }) => mayBeSameParticipant(letter.participant, participant))
      .map(({ txNo, outcome, reason }) => [txNo, { outcome, reason }]),
  );
  return {
    letter: (await findDeadLetter(tx, id)) ?? letter,
    verdicts,
    dropped: records.length,
    alreadyDecided: recorded.size,
  };
}
