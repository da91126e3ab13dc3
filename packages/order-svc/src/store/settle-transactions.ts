import type { Queryable } from '@txmsg/mysql';
import { and, eq, inArray } from '@txmsg/mysql/drizzle';
import { orders, txLog } from './schema.js';

/** A consumer's outcome of one transaction. */
export interface Settlement {
  readonly txNo: string;
  readonly status: 'CONFIRMED' | 'REJECTED';
  readonly reason: string;
}

/** The rows that a settlement met, as they were before it. */
export interface SettledRow {
  readonly txNo: string;
  readonly state: 'PENDING' | 'SETTLED';
  readonly createTime: Date;
  readonly relayCount: number;
}

/** Settles transactions and their orders; those settled before stay as they are. Returns the rows that exist. */
export async function settleTransactions(
  tx: Queryable,
  settlements: readonly Settlement[],
  now: Date,
): Promise<SettledRow[]> {
  const txNos = settlements.map(({ txNo }) => txNo).sort();
  const rows = await tx
    .select({
      txNo: txLog.txNo,
      state: txLog.state,
      createTime: txLog.createTime,
      relayCount: txLog.relayCount,
    })
    .from(txLog)
    .where(inArray(txLog.txNo, txNos))
    .for('update');
  const pending = new Set(rows.filter(({ state }) => state === 'PENDING').map(({ txNo }) => txNo));
  if (pending.size === 0) return rows;
  await tx
    .update(txLog)
    .set({ state: 'SETTLED' })
    .where(inArray(txLog.txNo, [...pending]));
  for (const { status, reason, txNos: same } of byVerdict(
    settlements.filter(({ txNo }) => pending.has(txNo)),
  )) {
    await tx
      .update(orders)
      .set({ status, statusReason: reason, updateTime: now })
      .where(and(inArray(orders.txNo, same), eq(orders.status, 'PENDING')));
  }
  return rows;
}

/** One update for each verdict; there are few of them. */
function byVerdict(settlements: readonly Settlement[]) {
  const verdicts = new Map<string, { status: Settlement['status']; reason: string; txNos: string[] }>();
  for (const { txNo, status, reason } of settlements) {
    const key = `${status} ${reason}`;
    const verdict = verdicts.get(key) ?? { status, reason, txNos: [] };
    verdict.txNos.push(txNo);
    verdicts.set(key, verdict);
  }
  return verdicts.values();
}
