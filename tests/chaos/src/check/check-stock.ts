import { type RunRecord, sumByProduct } from './run-record.js';
import type { Violation } from './violation.js';

/** I3: the pieces taken of each product are the sum of the applied transactions, each tx_no once. */
export function checkExactlyOnce({ stockDump, inbox }: RunRecord): Violation[] {
  const violations: Violation[] = [];
  if (inbox.size !== stockDump.inbox.length) {
    const evidence = { rows: stockDump.inbox.length, txNos: inbox.size };
    violations.push({ invariant: 'I3', message: 'a tx_no is on record more than once', evidence });
  }
  const applied = sumByProduct(stockDump.inbox, (row) => (row.outcome === 'APPLIED' ? row.payCount : 0));
  for (const stock of stockDump.stock) {
    const sum = applied.get(stock.productId) ?? 0;
    applied.delete(stock.productId);
    if (stock.takenTotal === sum) continue;
    const message = `product ${stock.productId}: ${stock.takenTotal} taken, but ${sum} applied`;
    violations.push({ invariant: 'I3', message, evidence: { stock, applied: sum } });
  }
  for (const [productId, sum] of applied) {
    if (sum === 0) continue;
    const message = `product ${productId}: ${sum} applied, but there is no such stock`;
    violations.push({ invariant: 'I3', message, evidence: { productId, applied: sum } });
  }
  return violations;
}

/**
 * I4: no stock is below zero. Every rejection has a reason, and no order was rejected that could certainly be served.
 */
export function checkRejections(record: RunRecord): Violation[] {
  return [...negative(record), ...withoutReason(record), ...servable(record)];
}

function* negative({ stockDump }: RunRecord): Generator<Violation> {
  for (const stock of stockDump.stock) {
    if (stock.totalCount >= 0) continue;
    yield { invariant: 'I4', message: `product ${stock.productId}: stock below zero`, evidence: { stock } };
  }
}

function* withoutReason({ stockDump, orderDump }: RunRecord): Generator<Violation> {
  for (const stock of stockDump.inbox) {
    if (stock.outcome !== 'REJECTED' || stock.reason !== '') continue;
    yield {
      invariant: 'I4',
      message: `rejected by the stock service without a reason: ${stock.txNo}`,
      evidence: { stock },
    };
  }
  for (const order of orderDump.orders) {
    if (order.status !== 'REJECTED' || order.statusReason !== '') continue;
    yield {
      invariant: 'I4',
      message: `an order is rejected without a reason: ${order.txNo}`,
      evidence: { order },
    };
  }
}

/** Stock that was there before the first order, and covers everything that was ever asked for, serves everyone. */
function* servable({ stockDump, facts }: RunRecord): Generator<Violation> {
  const early = [...facts.additions.values()].filter(({ beforeOrders }) => beforeOrders);
  const initial = sumByProduct(early, ({ count }) => count);
  const asked = sumByProduct(stockDump.inbox, ({ payCount }) => payCount);
  for (const stock of stockDump.inbox) {
    const held = initial.get(stock.productId);
    if (stock.outcome !== 'REJECTED' || held === undefined) continue;
    const enough = held >= (asked.get(stock.productId) ?? 0);
    if (stock.reason !== 'UNKNOWN_PRODUCT' && !enough) continue;
    const message = `rejected though it could be served: ${stock.txNo}`;
    yield { invariant: 'I4', message, evidence: { stock, initial: held, asked: asked.get(stock.productId) } };
  }
}
