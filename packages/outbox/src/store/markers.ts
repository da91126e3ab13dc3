import { type Database, isDuplicateKey, isRetryable } from '@txmsg/mysql';
import { eq } from '@txmsg/mysql/drizzle';
import { decideCheck, type GroupState, type Verdict, type VerdictLimits } from '../domain/verdict.js';
import type { OutboxTables } from './tables.js';

/** What a check-back asks about. */
export interface CheckedAttempt {
  readonly transactionId: string;
  /** The time stamped on the message; undefined when it has none. */
  readonly createTimeMs: number | undefined;
  readonly nowMs: number;
}

/**
 * The verdict on a transaction_id. Fences it when it is due: the insert waits for a local transaction that is
 * writing the same marker, so that exactly one of the two wins.
 */
export async function checkTransaction(
  database: Database,
  tables: OutboxTables,
  { transactionId, createTimeMs, nowMs }: CheckedAttempt,
  limits: VerdictLimits,
): Promise<Verdict> {
  const ageMs = createTimeMs === undefined ? undefined : nowMs - createTimeMs;
  const decision = decideCheck(await readState(database, tables, transactionId), ageMs, limits);
  return decision === 'FENCE' ? fenceTransaction(database, tables, transactionId, new Date(nowMs)) : decision;
}

/** Decides a transaction_id forever: FENCED is written unless the local transaction has written LIVE. */
export async function fenceTransaction(
  database: Database,
  tables: OutboxTables,
  transactionId: string,
  now: Date,
): Promise<Verdict> {
  try {
    await database.run((db) =>
      db.insert(tables.marker).values({ transactionId, state: 'FENCED', createTime: now }),
    );
    return 'ROLLBACK';
  } catch (error) {
    // The local transaction holds the row and has not ended: ask again.
    if (isRetryable(error)) return 'UNKNOWN';
    if (!isDuplicateKey(error)) throw error;
  }
  const state = await readState(database, tables, transactionId);
  return state === undefined ? 'UNKNOWN' : state === 'LIVE' ? 'COMMIT' : 'ROLLBACK';
}

/** True when a check has fenced this transaction_id. */
export async function isFenced(
  database: Database,
  tables: OutboxTables,
  transactionId: string,
): Promise<boolean> {
  return (await readState(database, tables, transactionId)) === 'FENCED';
}

/** True when the outbox has a row of this tx_no, settled or not. */
export async function isLogged(database: Database, { log }: OutboxTables, txNo: string): Promise<boolean> {
  const rows = await database.run((db) => db.select({ txNo: log.txNo }).from(log).where(eq(log.txNo, txNo)));
  return rows.length > 0;
}

async function readState(
  database: Database,
  { marker }: OutboxTables,
  transactionId: string,
): Promise<GroupState> {
  const [row] = await database.run((db) =>
    db.select({ state: marker.state }).from(marker).where(eq(marker.transactionId, transactionId)),
  );
  return row?.state;
}
