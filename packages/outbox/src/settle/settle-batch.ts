import { uuidV7 } from '@txmsg/core';
import type { Database, DatabaseClock, Queryable } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import type { MessageTypes } from '../domain/message-types.js';
import type { StagedMessage } from '../publish/staged-messages.js';
import { payloadRowsSql } from '../store/insert-group.js';
import {
  type LockedRow,
  lockedKeys,
  lockUnsettled,
  markSettled,
  readKnown,
  type Settlement,
  type SettlementRecord,
} from '../store/settlement.js';
import type { OutboxTables } from '../store/tables.js';
import { runCodeHook, runSqlHook, type SettlementHooks, txNosOf } from './hooks.js';

/** How many transactions a settlement settled, met settled, and did not know; and those that are unsettled still. */
export interface PartialSettlement {
  readonly settled: number;
  readonly alreadySettled: number;
  readonly unknown: number;
  readonly unsettled: readonly string[];
}

/** What settling stands on. */
export interface SettleBatchOptions {
  readonly database: Database;
  readonly clock: DatabaseClock;
  readonly tables: OutboxTables;
  readonly types: MessageTypes;
  readonly hooks: SettlementHooks;
  /** Time that a hook of the service's own code may take, in milliseconds. */
  readonly hookDeadlineMs: number;
  /** Told of each outcome that contradicts the one on record. */
  readonly onContradiction: (settlement: Settlement, onRecord: Settlement['outcome']) => void;
}

/** Settles batches, each call in a transaction that somebody else begins and ends. No txNo stands twice in a batch. */
export interface SettleBatch {
  /** All of them, waiting for locks. Those settled before stay as they are. */
  all(tx: Queryable, batch: readonly Settlement[], record: SettlementRecord): Promise<PartialSettlement>;
  /** All but those that another session has locked, without waiting. A few statements more, for those who have met a lock. */
  unlocked(tx: Queryable, batch: readonly Settlement[], record: SettlementRecord): Promise<PartialSettlement>;
}

/** Makes the settling of batches. */
export function createSettleBatch(options: SettleBatchOptions): SettleBatch {
  const { tables, types, hooks } = options;
  /** With one type, and no code of the service that must see only what is settled now, no row is read or locked first. */
  const plainType = () => (types.only && !hooks.codeOf(types.only.type) ? types.only.type : undefined);
  return {
    async all(tx, batch, record) {
      const type = plainType();
      if (type === undefined) {
        const rows = await lockUnsettled(tx, tables, txNosOf(batch), waiting(record));
        return settleRest(options, tx, batch, rows, record);
      }
      const settled = await markSettled(tx, tables, batch, record, type);
      const hook = hooks.sqlOf(type);
      if (settled > 0 && hook) await runSqlHook(tx, type, hook, batch, record.now);
      if (settled === batch.length) return { settled, alreadySettled: 0, unknown: 0, unsettled: [] };
      return countRest(options, tx, batch, settled, record);
    },
    async unlocked(tx, batch, record) {
      const rows = await lockUnsettled(tx, tables, txNosOf(batch), { ...waiting(record), skipLocked: true });
      return settleRest(options, tx, batch, await free(options, tx, rows), record);
    },
  };
}

const waiting = ({ keepsOutcome }: SettlementRecord) => ({ skipLocked: false, hasTypes: keepsOutcome });

/** Those of the locked rows whose business rows nobody else holds. */
async function free(
  { types, hooks }: SettleBatchOptions,
  tx: Queryable,
  rows: readonly LockedRow[],
): Promise<readonly LockedRow[]> {
  const found: LockedRow[] = [];
  for (const [type, ofType] of byType(types, rows)) {
    const lockFree = hooks.sqlOf(type)?.lockFree;
    if (!lockFree) found.push(...ofType);
    else {
      const keys = new Set(await lockedKeys(tx, lockFree(ofType.map(({ txNo }) => txNo))));
      found.push(...ofType.filter(({ txNo }) => keys.has(txNo)));
    }
  }
  return found;
}

/** Settles locked rows of types that this replica knows, and tells what became of the others. */
async function settleRest(
  options: SettleBatchOptions,
  tx: Queryable,
  batch: readonly Settlement[],
  rows: readonly LockedRow[],
  record: SettlementRecord,
): Promise<PartialSettlement> {
  // Another replica, of a later version, has the hook of a type that isn't known here.
  const known = rows.filter(({ type }) => options.types.of(type) !== undefined);
  const locked = new Set(known.map(({ txNo }) => txNo));
  if (locked.size > 0) await settleLocked(options, tx, batch, known, record);
  const others = batch.filter(({ txNo }) => !locked.has(txNo));
  if (others.length === 0) return { settled: locked.size, alreadySettled: 0, unknown: 0, unsettled: [] };
  const { alreadySettled, unknown, unsettled } = await countRest(options, tx, others, 0, record);
  return { settled: locked.size, alreadySettled, unknown, unsettled };
}

/** What became of a batch of which `settled` are settled now. */
async function countRest(
  { tables, onContradiction }: SettleBatchOptions,
  tx: Queryable,
  batch: readonly Settlement[],
  settled: number,
  record: SettlementRecord,
): Promise<PartialSettlement> {
  const known = await readKnown(tx, tables, txNosOf(batch), record.keepsOutcome);
  const outcomes = new Map(known.map(({ txNo, outcome }) => [txNo, outcome]));
  for (const settlement of batch) {
    const onRecord = outcomes.get(settlement.txNo);
    if (onRecord && onRecord !== settlement.outcome) onContradiction(settlement, onRecord);
  }
  const unsettled = known.filter(({ state }) => state === 'PENDING').map(({ txNo }) => txNo);
  const alreadySettled = known.length - settled - unsettled.length;
  return { settled, alreadySettled, unknown: batch.length - known.length, unsettled };
}

async function settleLocked(
  options: SettleBatchOptions,
  tx: Queryable,
  batch: readonly Settlement[],
  rows: readonly LockedRow[],
  record: SettlementRecord,
): Promise<void> {
  const { database, tables, types, hooks, hookDeadlineMs: deadlineMs } = options;
  const byTxNo = new Map(batch.map((settlement) => [settlement.txNo, settlement]));
  const outcomesOf = (some: readonly LockedRow[]) => some.flatMap(({ txNo }) => byTxNo.get(txNo) ?? []);
  await markSettled(tx, tables, outcomesOf(rows), record);
  const insert = (messages: readonly StagedMessage[]) => insertPublished(options, tx, messages);
  for (const [type, ofType] of byType(types, rows)) {
    const outcomes = outcomesOf(ofType);
    const sqlHook = hooks.sqlOf(type);
    const codeHook = hooks.codeOf(type);
    if (sqlHook) await runSqlHook(tx, type, sqlHook, outcomes, record.now);
    if (codeHook) await runCodeHook(tx, type, codeHook, outcomes, { database, types, deadlineMs, insert });
  }
}

/** No half message is sent for what a hook publishes: it is due at once, and no check-back asks about this id. */
async function insertPublished(
  { tables, clock }: SettleBatchOptions,
  tx: Queryable,
  rows: readonly StagedMessage[],
): Promise<void> {
  // Not when the settlement began, which may have waited since: the watermark counts on a commit soon after.
  const now = new Date(clock.nowMs());
  const group = { transactionId: uuidV7(), createTime: now, nextRelayTime: now, relayCount: 0, rows };
  await tx.execute(sql.raw(payloadRowsSql(tables, group)));
}

/** Rows by the names of their types; those of a type that this replica doesn't know have no hook here. */
function byType(types: MessageTypes, rows: readonly LockedRow[]): ReadonlyMap<string, LockedRow[]> {
  const found = new Map<string, LockedRow[]>();
  for (const row of rows) {
    const type = row.type ?? types.untyped?.type ?? '';
    const ofType = found.get(type);
    if (ofType) ofType.push(row);
    else found.set(type, [row]);
  }
  return found;
}
