import type { Accepted, TxNoFacts } from './history-facts.js';
import { type RunRecord, sameContent } from './run-record.js';
import type { Violation } from './violation.js';

/** I7: per tx_no one order and one content were accepted, and exactly the other contents were refused. */
export function checkIdempotence(record: RunRecord): Violation[] {
  const violations: Violation[] = [];
  for (const [txNo, facts] of record.facts.txNos) {
    violations.push(...conflicts(txNo, facts), ...refusals(record, txNo, facts));
  }
  for (const { txNo, code, message } of record.facts.gaveUp) {
    const text = `no answer could be had for ${txNo}, though everything is healed`;
    violations.push({ invariant: 'I7', message: text, evidence: { code, message } });
  }
  return violations;
}

function* conflicts(txNo: string, facts: TxNoFacts): Generator<Violation> {
  const [first] = facts.accepted;
  const other = first && facts.accepted.find((accepted) => !sameAnswer(first, accepted));
  if (!other) return;
  yield { invariant: 'I7', message: `two orders were answered for ${txNo}`, evidence: { first, other } };
}

function* refusals({ orders }: RunRecord, txNo: string, { refused }: TxNoFacts): Generator<Violation> {
  const order = orders.get(txNo);
  for (const content of refused) {
    if (order && !sameContent(order, content)) continue;
    const message = order
      ? `refused with ALREADY_EXISTS though it is the order's own content: ${txNo}`
      : `refused with ALREADY_EXISTS though there is no such order: ${txNo}`;
    yield { invariant: 'I7', message, evidence: { content, order } };
  }
}

/**
 * I8: an order that was answered OK is in the database, with that number and content, and every later read found it.
 */
export function checkDurability({ facts, orders }: RunRecord): Violation[] {
  const violations: Violation[] = [];
  for (const [txNo, { accepted, readsLost }] of facts.txNos) {
    const [answer] = accepted;
    const order = orders.get(txNo);
    if (readsLost > 0) {
      violations.push({
        invariant: 'I8',
        message: `an answered order was not found: ${txNo}`,
        evidence: { order },
      });
    }
    // When the answers contradict each other, I7 says so.
    if (!answer || accepted.some((other) => !sameAnswer(answer, other))) continue;
    if (
      order &&
      sameContent(order, answer) &&
      order.orderNo === answer.orderNo &&
      answer.answeredTxNo === txNo
    )
      continue;
    const message = order
      ? `an answered order is another one in the database: ${txNo}`
      : `an answered order is lost: ${txNo}`;
    violations.push({ invariant: 'I8', message, evidence: { answer, order } });
  }
  return violations;
}

function sameAnswer(a: Accepted, b: Accepted): boolean {
  return a.orderNo === b.orderNo && sameContent(a, b);
}
