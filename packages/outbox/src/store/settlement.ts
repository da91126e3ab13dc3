import { type Queryable, textLiteral, textLiterals, timeLiteral } from '@txmsg/mysql';
import { and, eq, inArray, lte, min, sql } from '@txmsg/mysql/drizzle';
import type { OutboxTables } from './tables.js';

/** A consumer's outcome of one transaction. */
export interface Settlement {
  readonly txNo: string;
  readonly outcome: 'APPLIED' | 'REJECTED';
  /** Why it was rejected, as an upper-case code; blank when it was applied. */
  readonly reason: string;
}

/** What is kept of a settlement besides its state. */
export interface SettlementRecord {
  readonly now: Date;
  /** Who decided; undefined when the relay didn't say. */
  readonly consumer: string | undefined;
  /** The table has the columns of the second schema. */
  readonly keepsOutcome: boolean;
}

// As text, without drizzle: every transaction goes through here. Rows are found by the key and not by the index on the
// state: so they are locked in the key's order, and only those that are asked for.

/**
 * Marks those of the transactions as settled that are unsettled. Returns how many. No txNo stands twice in the list.
 *
 * @param onlyType the plain case: leaves rows of other types, and changes those without a type
 */
export async function markSettled(
  tx: Queryable,
  { logName }: OutboxTables,
  settlements: readonly Settlement[],
  record: SettlementRecord,
  onlyType?: string,
): Promise<number> {
  const txNos = textLiterals(settlements.map(({ txNo }) => txNo));
  const kept = record.keepsOutcome ? keptOutcomes(settlements, record, onlyType !== undefined) : '';
  const ofType =
    onlyType !== undefined && record.keepsOutcome
      ? ` and (type is null or type = ${textLiteral(onlyType)})`
      : '';
  const [{ affectedRows }] = await tx.execute(
    sql.raw(
      `update ${logName} force index (primary) set state = 'SETTLED', next_relay_time = create_time${kept} where tx_no in (${txNos}) and state = 'PENDING'${ofType}`,
    ),
  );
  return affectedRows;
}

/**
 * What is set besides: constants for a batch whose outcomes are equal, a choice by key for any other. Where all were applied
 * in the plain case no row changes its size.
 */
function keptOutcomes(
  settlements: readonly Settlement[],
  { now, consumer }: SettlementRecord,
  plain: boolean,
): string {
  const byReason = new Map<string, string[]>();
  for (const { txNo, outcome, reason } of settlements) {
    if (outcome === 'APPLIED') continue;
    const txNos = byReason.get(reason);
    if (txNos) txNos.push(txNo);
    else byReason.set(reason, [txNo]);
  }
  const keepsConsumer = consumer !== undefined && !(plain && byReason.size === 0);
  const decidedBy = keepsConsumer ? `, consumer = ${textLiteral(consumer)}` : '';
  return `, ${outcomeSql(byReason, settlements.length)}${decidedBy}, settle_time = ${timeLiteral(now)}`;
}

function outcomeSql(rejected: ReadonlyMap<string, readonly string[]>, count: number): string {
  const [first] = rejected;
  if (first === undefined) return "outcome = 'APPLIED'";
  const [reason, txNos] = first;
  if (txNos.length === count) return `outcome = 'REJECTED', reason = ${textLiteral(reason)}`;
  const all = textLiterals([...rejected.values()].flat());
  const reasons = [...rejected].map(
    ([reason, txNos]) => `when tx_no in (${textLiterals(txNos)}) then ${textLiteral(reason)}`,
  );
  return `outcome = if(tx_no in (${all}), 'REJECTED', 'APPLIED'), reason = case ${reasons.join(' ')} end`;
}

/** An unsettled row that is locked. */
export interface LockedRow {
  readonly txNo: string;
  /** Null: of the type that has a group definition. */
  readonly type: string | null;
}

/** Locks the unsettled rows of these. With `skipLocked` it leaves those that another session holds, and never waits. */
export async function lockUnsettled(
  tx: Queryable,
  { logName }: OutboxTables,
  txNos: readonly string[],
  { skipLocked, hasTypes }: { readonly skipLocked: boolean; readonly hasTypes: boolean },
): Promise<LockedRow[]> {
  const [rows] = await tx.execute(
    sql.raw(
      `select tx_no${hasTypes ? ', type' : ''} from ${logName} force index (primary) where tx_no in (${textLiterals(txNos)}) and state = 'PENDING' for update${skipLocked ? ' skip locked' : ''}`,
    ),
  );
  return (rows as unknown as readonly { readonly tx_no: string; readonly type?: string | null }[]).map(
    (row) => ({ txNo: row.tx_no, type: row.type ?? null }),
  );
}

/** Runs a statement that locks rows and returns their txNos. */
export async function lockedKeys(tx: Queryable, statement: string): Promise<string[]> {
  const [rows] = await tx.execute(sql.raw(statement));
  return (rows as unknown as readonly { readonly tx_no: string }[]).map((row) => row.tx_no);
}

/** A transaction as the outbox knows it. */
export interface KnownTransaction {
  readonly txNo: string;
  readonly state: 'PENDING' | 'SETTLED';
  /** Null: not kept, or not settled. */
  readonly outcome: Settlement['outcome'] | null;
  readonly reason: string | null;
}

/** Which of these the outbox knows, and what became of them, locked or not. */
export async function readKnown(
  db: Queryable,
  { log }: OutboxTables,
  txNos: readonly string[],
  hasOutcomes: boolean,
): Promise<KnownTransaction[]> {
  const none = sql<null>`NULL`;
  const kept = hasOutcomes ? { outcome: log.outcome, reason: log.reason } : { outcome: none, reason: none };
  const rows = await db
    .select({ txNo: log.txNo, state: log.state, ...kept })
    .from(log)
    .where(inArray(log.txNo, [...txNos]));
  return rows.map(({ txNo, state, outcome, reason }) => ({
    txNo,
    state,
    outcome: outcome === 'UNKNOWN' ? null : outcome,
    reason,
  }));
}

/**
 * The create time of the oldest of these that are unsettled and were published at most so often. Undefined when there is
 * none.
 */
export async function oldestUnsettledOf(
  tx: Queryable,
  { log }: OutboxTables,
  txNos: readonly string[],
  maxRelayCount: number,
): Promise<Date | undefined> {
  const [row] = await tx
    .select({ createTime: min(log.createTime) })
    .from(log)
    .where(and(inArray(log.txNo, [...txNos]), eq(log.state, 'PENDING'), lte(log.relayCount, maxRelayCount)));
  return row?.createTime ?? undefined;
}
