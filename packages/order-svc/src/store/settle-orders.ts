import { textLiteral, textLiterals, timeLiteral } from '@txmsg/mysql';
import type { Settlement, SqlHook } from '@txmsg/outbox';
import { statusOf } from '../domain/order.js';

/** What outcomes do to orders. One that was settled before is PENDING no longer, and stays as it is. */
export const settleOrders: SqlHook = {
  statements: (outcomes, now) =>
    byOutcome(outcomes).map(({ outcome, reason, txNos }) => {
      const status = `status = ${textLiteral(statusOf(outcome))}, status_reason = ${textLiteral(reason)}`;
      const set = `${status}, update_time = ${timeLiteral(now)}`;
      return `update orders force index (orders_tx_no) set ${set} where tx_no in (${textLiterals(txNos)}) and status = 'PENDING'`;
    }),
  lockFree: (txNos) =>
    `select tx_no from orders force index (orders_tx_no) where tx_no in (${textLiterals(txNos)}) for update skip locked`,
};

interface Group extends Pick<Settlement, 'outcome' | 'reason'> {
  readonly txNos: string[];
}

/** One update per outcome and reason; there are few of them. */
function byOutcome(outcomes: readonly Settlement[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const { txNo, outcome, reason } of outcomes) {
    const key = `${outcome} ${reason}`;
    const group = groups.get(key);
    if (group) group.txNos.push(txNo);
    else groups.set(key, { outcome, reason, txNos: [txNo] });
  }
  return [...groups.values()];
}
