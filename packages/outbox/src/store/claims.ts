import { type Queryable, timeText } from '@txmsg/mysql';
import { and, asc, eq, gt, inArray, isNull, lte, min, or, type SQL, sql } from '@txmsg/mysql/drizzle';
import {
  DELAY_SPREAD,
  type DueTransaction,
  doublingsSoFar,
  MAX_DOUBLINGS,
  type RepublicationLimits,
  relayDelayMs,
} from '../domain/republication.js';
import type { OutboxTables } from './tables.js';

/** A due row as a claim reads it. */
export interface DueRow extends DueTransaction {
  /** Null: of the type that has a group definition. */
  readonly type: string | null;
  /** Of what stands in the row itself. */
  readonly payloadBytes: number;
}

/** Which rows a claim may lock. */
export interface DueRange {
  readonly now: Date;
  readonly limit: number;
  /** The types that this replica knows, null for rows without one. Undefined: the table has no types yet. */
  readonly types: readonly (string | null)[] | undefined;
}

/** Locks due rows in index order, skipping those that another relay's claim holds. */
export async function lockDue(
  tx: Queryable,
  { log }: OutboxTables,
  { now, limit, types }: DueRange,
): Promise<DueRow[]> {
  const noType = sql<null>`NULL`;
  const columns = {
    txNo: log.txNo,
    createTime: log.createTime,
    relayCount: log.relayCount,
    type: types ? log.type : noType,
    payloadBytes: types ? sql<number | null>`OCTET_LENGTH(${log.payload})` : noType,
  };
  const known = types?.filter((type) => type !== null) ?? [];
  const ofTypes = [types?.includes(null) ? isNull(log.type) : undefined, inAny(log.type, known)];
  const rows = await tx
    .select(columns)
    .from(log)
    .where(and(eq(log.state, 'PENDING'), lte(log.nextRelayTime, now), types && or(...ofTypes)))
    .orderBy(asc(log.state), asc(log.nextRelayTime))
    .limit(limit)
    .for('update', { skipLocked: true });
  return rows.map(({ createTime, payloadBytes, ...row }) => ({
    ...row,
    createTimeMs: createTime.getTime(),
    payloadBytes: Number(payloadBytes ?? 0),
  }));
}

const inAny = (column: OutboxTables['log']['type'], values: readonly string[]) =>
  values.length > 0 ? inArray(column, [...values]) : undefined;

/** How rows are leased for a publication. */
export interface Lease extends RepublicationLimits {
  readonly now: Date;
  /** The table has the columns of the second schema: the time of the publication is kept. */
  readonly keepsTime: boolean;
}

/**
 * Leases rows for a publication: counts it, and makes them due again after a delay that doubles with each publication,
 * spread by chance.
 */
export async function leaseRows(
  tx: Queryable,
  { log }: OutboxTables,
  txNos: readonly string[],
  lease: Lease,
): Promise<void> {
  await tx
    .update(log)
    .set({
      // Before the count: assignments are made from left to right.
      nextRelayTime: dueAfter(lease.now, delaySql(sql`${log.relayCount}`, lease)),
      relayCount: sql`${log.relayCount} + 1`,
      ...(lease.keepsTime && { publishTime: lease.now }),
    })
    .where(inArray(log.txNo, [...txNos]));
}

/** `relayDelayMs` in SQL. */
export function delaySql(doublings: SQL, { firstMs, maxMs }: RepublicationLimits): SQL {
  return sql`LEAST(${maxMs}, ${firstMs} * POW(2, LEAST(${doublings}, ${MAX_DOUBLINGS})))`;
}

/** `doublingsSoFar` in SQL. */
export function doublingsSoFarSql(relayCount: SQL): SQL {
  return sql`GREATEST(${relayCount}, 1) - 1`;
}

function dueAfter(now: Date, delayMs: SQL): SQL {
  const spread = sql`(${DELAY_SPREAD.least} + ${DELAY_SPREAD.width} * RAND())`;
  return sql`${timeText(now)} + INTERVAL ROUND(${delayMs} * ${spread} * 1000) MICROSECOND`;
}

/** Puts rows off until they are `ageMs` old, uncounted. */
export async function postponeRows(
  tx: Queryable,
  { log }: OutboxTables,
  txNos: readonly string[],
  ageMs: number,
): Promise<void> {
  await tx
    .update(log)
    .set({ nextRelayTime: sql`${log.createTime} + INTERVAL ${Math.round(ageMs * 1000)} MICROSECOND` })
    .where(inArray(log.txNo, [...txNos]));
}

/** Gives back the lease of rows whose publication failed: due now, and the publication doesn't count. */
export async function releaseUnsettled(
  db: Queryable,
  { log }: OutboxTables,
  txNos: readonly string[],
  now: Date,
): Promise<void> {
  await db
    .update(log)
    .set({ nextRelayTime: now, relayCount: sql`GREATEST(${log.relayCount} - 1, 0)` })
    .where(and(inArray(log.txNo, [...txNos]), eq(log.state, 'PENDING')));
}

/** A transaction's content, from its outbox row. */
export interface PayloadContent {
  readonly txNo: string;
  readonly type: string;
  readonly payload: Buffer;
  readonly createTime: Date;
}

/** Reads the contents of rows that hold theirs. */
export async function readPayloads(
  db: Queryable,
  { log }: OutboxTables,
  txNos: readonly string[],
): Promise<PayloadContent[]> {
  const rows = await db
    .select({ txNo: log.txNo, type: log.type, payload: log.payload, createTime: log.createTime })
    .from(log)
    .where(inArray(log.txNo, [...txNos]));
  return rows.flatMap(({ type, payload, ...row }) =>
    type === null || payload === null ? [] : [{ ...row, type, payload }],
  );
}

/**
 * Create time of the oldest unsettled transaction; undefined when all are settled. Reads the index entries of all that
 * are unsettled, some 0.3 µs each: not for every claim.
 */
export async function oldestUnsettled(db: Queryable, { log }: OutboxTables): Promise<Date | undefined> {
  const [row] = await db
    .select({ createTime: min(log.createTime) })
    .from(log)
    .where(eq(log.state, 'PENDING'));
  return row?.createTime ?? undefined;
}

/** Leases are given with up to 5 % more by chance; what is within this factor counts as due by the present lag. */
const MARGIN = 1.1;
/** Rows that one call of `hastenRows` looks at. */
const SCAN = 2_000;

/**
 * Looks at a bounded number of rows that are put off, in the order of their times, and brings forward those that wait
 * longer than a publication of now would make them wait. Rows that others hold are left.
 *
 * @param after where the last call has come to; undefined: from the beginning
 * @returns where this call has come to; undefined when there is no more
 */
export async function hastenRows(
  tx: Queryable,
  { log }: OutboxTables,
  { now, ...limits }: RepublicationLimits & { readonly now: Date },
  after: Date | undefined,
): Promise<Date | undefined> {
  const nowMs = now.getTime();
  const shortestMs = nowMs + limits.firstMs * MARGIN;
  const from = after && after.getTime() > shortestMs ? after : new Date(shortestMs);
  const rows = await tx
    .select({ txNo: log.txNo, nextRelayTime: log.nextRelayTime, relayCount: log.relayCount })
    .from(log)
    .where(and(eq(log.state, 'PENDING'), gt(log.nextRelayTime, from)))
    .orderBy(asc(log.state), asc(log.nextRelayTime))
    .limit(SCAN)
    .for('update', { skipLocked: true });
  const late = rows.filter(
    ({ nextRelayTime, relayCount }) =>
      nextRelayTime.getTime() > nowMs + relayDelayMs(doublingsSoFar(relayCount), limits) * MARGIN,
  );
  if (late.length > 0) {
    const delayMs = delaySql(doublingsSoFarSql(sql`${log.relayCount}`), limits);
    const txNos = late.map(({ txNo }) => txNo);
    await tx
      .update(log)
      .set({ nextRelayTime: dueAfter(now, delayMs) })
      .where(inArray(log.txNo, txNos));
  }
  return rows.length < SCAN ? undefined : rows.at(-1)?.nextRelayTime;
}
