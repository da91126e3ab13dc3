import type { InboxRow, OrderRow } from './database-dump.js';
import { type RunRecord, sumByProduct } from './run-record.js';
import type { Violation } from './violation.js';

/**
 * I5: for each product added = left + taken, and the added pieces are those of the additions. Each settled order and
 * its stock transaction agree. The pieces taken are the sum of the confirmed orders.
 *
 * @param explained true when the other invariants hold; only then does a difference of the last sum tell anything new
 */
export function checkSums(
  record: RunRecord,
  explained: (violations: readonly Violation[]) => boolean,
): Violation[] {
  const violations = [...additions(record), ...products(record), ...outcomes(record)];
  return explained(violations) ? violations : [...violations, ...confirmed(record)];
}

function* additions({ facts, stockDump }: RunRecord): Generator<Violation> {
  const changes = new Map(stockDump.changes.map((change) => [change.requestId, change]));
  for (const [requestId, addition] of facts.additions) {
    if (!addition.acknowledged || changes.has(requestId)) continue;
    yield { invariant: 'I5', message: `an addition of stock is lost: ${requestId}`, evidence: { addition } };
  }
  for (const change of stockDump.changes) {
    const addition = facts.additions.get(change.requestId);
    if (addition && addition.productId === change.productId && addition.count === change.delta) continue;
    const message = `an addition of stock was never asked for like this: ${change.requestId}`;
    yield { invariant: 'I5', message, evidence: { change, addition } };
  }
}

function* products({ stockDump }: RunRecord): Generator<Violation> {
  const added = sumByProduct(stockDump.changes, ({ delta }) => delta);
  for (const stock of stockDump.stock) {
    const sum = added.get(stock.productId) ?? 0;
    if (stock.addedTotal === sum && stock.totalCount === stock.addedTotal - stock.takenTotal) continue;
    const message = `product ${stock.productId}: added ${stock.addedTotal} (changes: ${sum}), left ${stock.totalCount}, taken ${stock.takenTotal}`;
    yield { invariant: 'I5', message, evidence: { stock, changes: sum } };
  }
}

function* outcomes({ orderDump, inbox }: RunRecord): Generator<Violation> {
  for (const order of orderDump.orders) {
    if (order.status === 'PENDING') continue;
    const stock = inbox.get(order.txNo);
    if (stock && agree(order, stock)) continue;
    const message = stock
      ? `order and stock transaction disagree: ${order.txNo}`
      : `an order is settled though the stock service knows nothing of it: ${order.txNo}`;
    yield { invariant: 'I5', message, evidence: { order, stock } };
  }
}

function agree(order: OrderRow, stock: InboxRow): boolean {
  if (order.status === 'CONFIRMED') return stock.outcome === 'APPLIED';
  return stock.outcome === 'REJECTED' && order.statusReason === stock.reason;
}

/** The checks above and the other invariants together imply this sum; it is checked for itself. */
function* confirmed({ orderDump, stockDump, strangers }: RunRecord): Generator<Violation> {
  const orders = orderDump.orders.filter(({ status }) => status === 'CONFIRMED');
  const ofStrangers = stockDump.inbox.filter(
    ({ txNo, outcome }) => outcome === 'APPLIED' && strangers.has(txNo),
  );
  const sums = sumByProduct([...orders, ...ofStrangers], ({ payCount }) => payCount);
  for (const stock of stockDump.stock) {
    const sum = sums.get(stock.productId) ?? 0;
    if (sum === stock.takenTotal) continue;
    const message = `product ${stock.productId}: ${stock.takenTotal} taken, but ${sum} confirmed`;
    yield { invariant: 'I5', message, evidence: { stock, confirmed: sum } };
  }
}
