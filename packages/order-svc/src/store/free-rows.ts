import { type Queryable, textLiteral } from '@txmsg/mysql';
import { and, eq, inArray, sql } from '@txmsg/mysql/drizzle';
import { txLog } from './schema.js';

/** Locks those unsettled rows of the outbox that no other session holds, and returns their txNos. Never waits for a row. */
export async function lockFreeRows(tx: Queryable, txNos: readonly string[]): Promise<string[]> {
  return keysOf(
    tx,
    `select tx_no from tx_log force index (primary) where tx_no in (${list(txNos)}) and state = 'PENDING' for update skip locked`,
  );
}

/** Locks the orders of these that no other session holds, and returns their txNos. Never waits for a row. */
export async function lockFreeOrders(tx: Queryable, txNos: readonly string[]): Promise<string[]> {
  return keysOf(
    tx,
    `select tx_no from orders force index (orders_tx_no) where tx_no in (${list(txNos)}) for update skip locked`,
  );
}

/** Which of these the outbox knows, and which are unsettled, locked or not. */
export async function readStates(
  tx: Queryable,
  txNos: readonly string[],
): Promise<{ readonly known: number; readonly unsettled: string[] }> {
  const pending = and(inArray(txLog.txNo, [...txNos]), eq(txLog.state, 'PENDING'));
  const unsettled = await tx.select({ txNo: txLog.txNo }).from(txLog).where(pending);
  const known = await tx.$count(txLog, inArray(txLog.txNo, [...txNos]));
  return { known, unsettled: unsettled.map(({ txNo }) => txNo) };
}

async function keysOf(tx: Queryable, statement: string): Promise<string[]> {
  const [rows] = await tx.execute(sql.raw(statement));
  return (rows as unknown as readonly { readonly tx_no: string }[]).map((row) => row.tx_no);
}

/** Keys as SQL literals for an IN. */
export function list(txNos: readonly string[]): string {
  return txNos.map(textLiteral).join(', ');
}
