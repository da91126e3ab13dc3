import { textLiteral, textLiterals, timeLiteral } from '@txmsg/mysql';
import type { Settlement, SqlHook } from '@txmsg/outbox';
import { statusOf } from '../domain/order.js';

/** What outcomes do to orders. One that was settled before is PENDING no longer, and stays as it is. */
export const settleOrders: SqlHook = {
  statements: (outcomes, now) =>
    [...byStatus(outcomes)].map(([changes, txNos]) => {
      const set = `${changes}, update_time = ${timeLiteral(now)}`;
      return `update orders force index (orders_tx_no) set ${set} where tx_no in (${textLiterals(txNos)}) and status = 'PENDING'`;
    }),
  lockFree: (txNos) =>
    `select tx_no from orders force index (orders_tx_no) where tx_no in (${textLiterals(txNos)}) for update skip locked`,
};

/** The txNos that get the same status for the same reason: there are few of those, and one update for each. */
function byStatus(outcomes: readonly Settlement[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { txNo, outcome, reason } of outcomes) {
    const changes = `status = ${textLiteral(statusOf(outcome))}, status_reason = ${textLiteral(reason)}`;
    const txNos = found.get(changes);
    if (txNos) txNos.push(txNo);
    else found.set(changes, [txNo]);
  }
  return found;
}
