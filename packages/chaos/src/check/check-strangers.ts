import type { StrangerTransaction } from '../history/history-event.js';
import type { InboxRow } from './database-dump.js';
import type { StrangerMessageFacts } from './history-facts.js';
import type { RunRecord } from './run-record.js';
import type { Violation } from './violation.js';

/**
 * I1: what strangers' messages name is applied as they name it or not at all. I2: each of their messages is applied or a
 * dead letter, unless the broker's data was deleted meanwhile.
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

function* notHandled(record: RunRecord, message: StrangerMessageFacts): Generator<Violation> {
  const { what, must, may, letter, bodyHash } = message;
  const missing = must.filter(({ txNo }) => !record.inbox.has(txNo));
  if (missing.length > 0) {
    const text = `a stranger's message was not applied (${what})`;
    const deadLetter = record.deadLetters.get(bodyHash);
    yield {
      invariant: 'I2',
      message: text,
      evidence: { missing: missing.map(({ txNo }) => txNo), deadLetter },
    };
  }
  const applied = may.every(({ txNo }) => record.inbox.has(txNo));
  const needsLetter = letter === 'always' || (letter === 'unless-applied' && !applied);
  if (needsLetter && !record.deadLetters.has(bodyHash)) {
    const text = `a stranger's message is neither applied nor a dead letter (${what})`;
    yield { invariant: 'I2', message: text, evidence: { bodyHash, txNos: may.map(({ txNo }) => txNo) } };
  }
}
