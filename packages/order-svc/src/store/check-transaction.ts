import { type Database, isDuplicateKey, isRetryable } from '@txmsg/mysql';
import { eq } from '@txmsg/mysql/drizzle';
import { decideCheck, type GroupState, type Verdict, type VerdictLimits } from '../domain/verdict.js';
import { orders, txGroup } from './schema.js';

/**
 * The verdict on a transaction_id. Fences it when it is due: the insert waits for a local transaction that is
 * writing the same marker, so that exactly one of the two wins.
 *
 * @param createTimeMs the time stamped on the message; undefined when it has none
 */
export async function checkTransaction(
  database: Database,
  transactionId: string,
  createTimeMs: number | undefined,
  nowMs: number,
  limits: VerdictLimits,
): Promise<Verdict> {
  const ageMs = createTimeMs === undefined ? undefined : nowMs - createTimeMs;
  const decision = decideCheck(await readState(database, transactionId), ageMs, limits);
  return decision === 'FENCE' ? fenceTransaction(database, transactionId, new Date(nowMs)) : decision;
}

/** Decides a transaction_id for ever: FENCED is written unless the local transaction has written LIVE. */
export async function fenceTransaction(
  database: Database,
  transactionId: string,
  now: Date,
): Promise<Verdict> {
  try {
    await database.run((db) =>
      db.insert(txGroup).values({ transactionId, state: 'FENCED', createTime: now }),
    );
    return 'ROLLBACK';
  } catch (error) {
    // The local transaction holds the row and has not ended: ask again.
    if (isRetryable(error)) return 'UNKNOWN';
    if (!isDuplicateKey(error)) throw error;
  }
  const state = await readState(database, transactionId);
  return state === undefined ? 'UNKNOWN' : state === 'LIVE' ? 'COMMIT' : 'ROLLBACK';
}

/** COMMIT when an order with this tx_no exists, else UNKNOWN; never fences. */
export async function checkTxNo(database: Database, txNo: string): Promise<Verdict> {
  const rows = await database.run((db) =>
    db.select({ txNo: orders.txNo }).from(orders).where(eq(orders.txNo, txNo)),
  );
  return rows.length > 0 ? 'COMMIT' : 'UNKNOWN';
}

/** True when a check has fenced this transaction_id. */
export async function isFenced(database: Database, transactionId: string): Promise<boolean> {
  return (await readState(database, transactionId)) === 'FENCED';
}

async function readState(database: Database, transactionId: string): Promise<GroupState> {
  const [row] = await database.run((db) =>
    db.select({ state: txGroup.state }).from(txGroup).where(eq(txGroup.transactionId, transactionId)),
  );
  return row?.state;
}
