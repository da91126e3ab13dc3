import { type RunRecord, sameContent } from './run-record.js';
import type { Violation } from './violation.js';

/** I1: what the stock side holds, and what the broker delivered, belongs to committed orders and has their content. */
export function checkMessages(record: RunRecord): Violation[] {
  return [...stockRows(record), ...deliveries(record), ...halves(record), ...mismatches(record)];
}

function* stockRows({ stockDump, orders, strangers }: RunRecord): Generator<Violation> {
  for (const row of stockDump.inbox) {
    if (strangers.has(row.txNo)) continue;
    const order = orders.get(row.txNo);
    if (order && sameContent(order, row)) continue;
    const message = order
      ? 'a stock transaction has other content than its order'
      : 'a stock transaction has no order';
    yield { invariant: 'I1', message: `${message}: ${row.txNo}`, evidence: { stock: row, order } };
  }
}

function* deliveries({ facts, orders }: RunRecord): Generator<Violation> {
  for (const delivered of facts.delivered.values()) {
    const order = orders.get(delivered.txNo);
    if (order && sameContent(order, delivered)) continue;
    const message = order
      ? 'a message was delivered with other content than its order'
      : 'a message was delivered without an order';
    yield { invariant: 'I1', message: `${message}: ${delivered.txNo}`, evidence: { delivered, order } };
  }
}

function* halves({ facts, groups }: RunRecord): Generator<Violation> {
  for (const half of facts.deliveredHalves) {
    const group = groups.get(half.transactionId);
    if (group?.state === 'LIVE') continue;
    const message = `a half message was delivered though its local transaction did not commit: ${half.transactionId}`;
    yield { invariant: 'I1', message, evidence: { half, group } };
  }
}

function* mismatches({ stockDump }: RunRecord): Generator<Violation> {
  for (const deadLetter of stockDump.deadLetters) {
    if (deadLetter.reason !== 'CONTENT_MISMATCH') continue;
    yield {
      invariant: 'I1',
      message: 'a txNo came to the stock service with two contents',
      evidence: { deadLetter },
    };
  }
}
