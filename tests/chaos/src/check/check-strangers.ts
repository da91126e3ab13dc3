import type { StrangerEvent, StrangerTransaction } from '../history/history-event.js';
import type { InboxRow } from './database-dump.js';
import type { StrangerMessageFacts } from './history-facts.js';
import type { RunRecord } from './run-record.js';
import type { Violation } from './violation.js';

/**
 * I1: a transaction in a stranger's message is applied exactly as the message says, or not at all. I2: each of these
 * messages is applied or a dead letter, unless the broker's data was deleted meanwhile.
 */
export function checkStrangers(record: RunRecord): Violation[] {
  return record.facts.strangers.flatMap((message) => [
    ...otherContent(record, message),
    ...(message.maybeLost ? [] : notHandled(record, message)),
  ]);
}

/** The same product and count, to the last digit. */
export function isAsNamed(row: InboxRow, { productId, payCount }: StrangerTransaction): boolean {
  return row.productText === productId && row.payCount === payCount;
}

function* otherContent({ inbox }: RunRecord, message: StrangerMessageFacts): Generator<Violation> {
  for (const transaction of [...message.must, ...message.may]) {
    const stock = inbox.get(transaction.txNo);
    if (!stock || isAsNamed(stock, transaction)) continue;
    const text = `a stranger's transaction was applied with other content (${message.what}): ${transaction.txNo}`;
    yield { invariant: 'I1', message: text, evidence: { transaction, stock } };
  }
}

function* notHandled({ inbox, deadLetters }: RunRecord, message: StrangerMessageFacts): Generator<Violation> {
  if (isHandled(message, inbox, deadLetters)) return;
  const missing = [...message.must, ...message.may]
    .map(({ txNo }) => txNo)
    .filter((txNo) => !inbox.has(txNo));
  const { what, letter, bodyHash } = message;
  const text = `a stranger's message is neither applied nor a dead letter as it has to be (${what})`;
  const evidence = { missing, letter, bodyHash, deadLetter: deadLetters.get(bodyHash) };
  yield { invariant: 'I2', message: text, evidence };
}

interface Keys {
  has(key: string): boolean;
}

/**
 * True when the stock side has finished a stranger's message.
 *
 * @param applied txNos on its record
 * @param letters hashes of the bodies among its dead letters
 */
export function isHandled(
  { must, may, letter, bodyHash }: StrangerEvent,
  applied: Keys,
  letters: Keys,
): boolean {
  if (!must.every(({ txNo }) => applied.has(txNo))) return false;
  const letterNeeded =
    letter === 'always' || (letter === 'unless-applied' && !may.every(({ txNo }) => applied.has(txNo)));
  return !letterNeeded || letters.has(bodyHash);
}
