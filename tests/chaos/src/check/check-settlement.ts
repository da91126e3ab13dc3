import type { RunRecord } from './run-record.js';
import type { Violation } from './violation.js';

/** I2: every committed order is settled, once and forever; no dead letter waits. */
export function checkSettlement(record: RunRecord): Violation[] {
  return [...unsettled(record), ...changed(record), ...stuck(record)];
}

function* unsettled({ orderDump, outbox }: RunRecord): Generator<Violation> {
  for (const order of orderDump.orders) {
    const log = outbox.get(order.txNo);
    if (order.status !== 'PENDING' && log?.state === 'SETTLED') continue;
    const message =
      log === undefined
        ? `a committed order has no message: ${order.txNo}`
        : `a committed order is not settled: ${order.txNo}`;
    yield { invariant: 'I2', message, evidence: { order, log } };
  }
}

function* changed({ facts, orders }: RunRecord): Generator<Violation> {
  for (const [txNo, { outcomes }] of facts.txNos) {
    const order = orders.get(txNo);
    if (!order || order.status === 'PENDING') continue;
    const other = [...outcomes].filter((outcome) => outcome !== order.status);
    if (other.length === 0) continue;
    const message = `an outcome that was shown has changed: ${txNo}`;
    yield { invariant: 'I2', message, evidence: { shown: [...outcomes], order } };
  }
}

function* stuck({ stockDump }: RunRecord): Generator<Violation> {
  for (const deadLetter of stockDump.deadLetters) {
    if (deadLetter.reason !== 'APPLY_FAILED') continue;
    yield { invariant: 'I2', message: 'the stock service gave a message up', evidence: { deadLetter } };
  }
}
