import { type Queryable, textLiteral, timeLiteral } from '@txmsg/mysql';
import { and, eq, inArray, lte, min, sql } from '@txmsg/mysql/drizzle';
import { list, lockFreeOrders, lockFreeRows, readStates } from './free-rows.js';
import { txLog } from './schema.js';

/** A consumer's outcome of one transaction. */
export interface Settlement {
  readonly txNo: string;
  readonly status: 'CONFIRMED' | 'REJECTED';
  readonly reason: string;
}

/** How many transactions a settlement settled, met settled, and did not know. */
export interface SettlementCounts {
  readonly settled: number;
  readonly alreadySettled: number;
  readonly unknown: number;
}

/** The same, and those that are unsettled still. */
export interface PartialSettlement extends SettlementCounts {
  readonly unsettled: readonly string[];
}

/**
 * Settles transactions and their orders; those settled before stay as they are. As text, without drizzle and without
 * reading the rows first: every order goes through here.
 */
export async function settleTransactions(
  tx: Queryable,
  settlements: readonly Settlement[],
  now: Date,
): Promise<SettlementCounts> {
  const txNos = [...new Set(settlements.map(({ txNo }) => txNo))];
  // The key and not the index on the state: rows are locked in its order, and none that nobody asked for.
  const settled = await change(
    tx,
    `update tx_log force index (primary) set state = 'SETTLED', next_relay_time = create_time where tx_no in (${list(txNos)}) and state = 'PENDING'`,
  );
  // An order is PENDING exactly as long as its log row, so those that were settled before aren't met.
  if (settled > 0) for (const verdict of byVerdict(settlements)) await settleOrders(tx, verdict, now);
  if (settled === txNos.length) return { settled, alreadySettled: 0, unknown: 0 };
  const known = await countKnown(tx, txNos);
  return { settled, alreadySettled: known - settled, unknown: txNos.length - known };
}

/**
 * Settles those of the transactions that no other session has locked, without waiting for any. Costs three statements
 * more: for those who have met a lock.
 */
export async function settleUnlocked(
  tx: Queryable,
  settlements: readonly Settlement[],
  now: Date,
): Promise<PartialSettlement> {
  const txNos = [...new Set(settlements.map(({ txNo }) => txNo))];
  const unlocked = await lockFreeRows(tx, txNos);
  const free = new Set(unlocked.length > 0 ? await lockFreeOrders(tx, unlocked) : []);
  const settled = free.size;
  if (settled > 0)
    await settleTransactions(
      tx,
      settlements.filter(({ txNo }) => free.has(txNo)),
      now,
    );
  const others = txNos.filter((txNo) => !free.has(txNo));
  if (others.length === 0) return { settled, alreadySettled: 0, unknown: 0, unsettled: [] };
  const { known, unsettled } = await readStates(tx, others);
  const alreadySettled = known - unsettled.length;
  return { settled, alreadySettled, unknown: txNos.length - settled - known, unsettled };
}

/**
 * The create time of the oldest of these that are unsettled and were published at most so often. Undefined when there is
 * none.
 */
export async function oldestUnsettledOf(
  tx: Queryable,
  txNos: readonly string[],
  maxRelayCount: number,
): Promise<Date | undefined> {
  const [row] = await tx
    .select({ createTime: min(txLog.createTime) })
    .from(txLog)
    .where(
      and(inArray(txLog.txNo, [...txNos]), eq(txLog.state, 'PENDING'), lte(txLog.relayCount, maxRelayCount)),
    );
  return row?.createTime ?? undefined;
}

interface Verdict {
  readonly status: Settlement['status'];
  readonly reason: string;
  readonly txNos: string[];
}

/** One update for each verdict; there are few of them. */
function byVerdict(settlements: readonly Settlement[]): Iterable<Verdict> {
  const verdicts = new Map<string, Verdict>();
  for (const { txNo, status, reason } of settlements) {
    const key = `${status} ${reason}`;
    const verdict = verdicts.get(key) ?? { status, reason, txNos: [] };
    verdict.txNos.push(txNo);
    verdicts.set(key, verdict);
  }
  return verdicts.values();
}

async function settleOrders(tx: Queryable, { status, reason, txNos }: Verdict, now: Date): Promise<void> {
  const changes = `status = ${textLiteral(status)}, status_reason = ${textLiteral(reason)}, update_time = ${timeLiteral(now)}`;
  await change(
    tx,
    `update orders force index (orders_tx_no) set ${changes} where tx_no in (${list(txNos)}) and status = 'PENDING'`,
  );
}

async function countKnown(tx: Queryable, txNos: readonly string[]): Promise<number> {
  const rows = await tx
    .select({ txNo: txLog.txNo })
    .from(txLog)
    .where(inArray(txLog.txNo, [...txNos]));
  return rows.length;
}

/** Rows that met the statement's condition. */
async function change(tx: Queryable, statement: string): Promise<number> {
  const [{ affectedRows }] = await tx.execute(sql.raw(statement));
  return affectedRows;
}
