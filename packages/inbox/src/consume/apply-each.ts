import { failpoint } from '@txmsg/core';
import { type Database, mysqlErrorNumber, type Queryable } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { compareWithRecord, type Disposition } from '../domain/decide-group.js';
import { floorReachMs } from '../domain/next-floor.js';
import { APPLIED, type CarriedTransaction, type ContentOf } from '../domain/transaction.js';
import { isContention } from '../store/failure-kind.js';
import type { InboxStore } from '../store/inbox-store.js';
import type { EachRegistration } from './handlers.js';
import { createLimit, type Limit } from './limit.js';
import { HandlerFailedError, runHandler } from './run-handler.js';

/** What transactions are applied with one by one. */
export interface EachApplierParts {
  readonly database: Database;
  readonly store: InboxStore;
  readonly contentOf: ContentOf;
  readonly eachs: readonly EachRegistration[];
  /** Time between two rounds of forgetting, in milliseconds. */
  readonly retentionIntervalMs: number;
  /** Aborted at the stop: no transaction begins after that. */
  readonly stopping?: AbortSignal;
  /** Begins the names of the failpoints; `inbox` by default. */
  readonly failpoints?: string;
}

/** Applies transactions one by one, each in a local transaction of its own. */
export interface ApplyEach {
  /** Whether transactions of this type are applied one by one. */
  has(type: string): boolean;
  /**
   * Applies one. What needs a row that somebody else keeps locked, or has not begun at the stop, is `blocked`: tried again
   * later.
   *
   * @param owner those of one message, which take turns with those of others
   * @throws HandlerFailedError when its handler has failed, or what the database says
   */
  apply(carried: CarriedTransaction, owner: object): Promise<Disposition>;
}

/** For the floor, the record and COMMIT beside the handler. */
const MARGIN_MS = 5_000;
const ATTEMPTS = 3;
const NO_SAVEPOINT = 1305;
const BLOCKED: Disposition = { kind: 'blocked' };

/** Makes the function that applies transactions one by one; of each type as many at a time as its handler allows. */
export function createEachApplier(parts: EachApplierParts): ApplyEach {
  const types = new Map<string, { readonly registration: EachRegistration; readonly limit: Limit }>();
  for (const registration of parts.eachs) {
    types.set(registration.type.type, { registration, limit: createLimit(registration.limits.concurrency) });
  }
  const afterCommit = `${parts.failpoints ?? 'inbox'}.after-commit`;
  return {
    has: (type) => types.has(type),
    async apply(carried, owner) {
      const found = types.get(carried.transaction.type);
      if (!found) throw new TypeError(`no handler for type ${carried.transaction.type}`);
      return found.limit(owner, async () => {
        if (parts.stopping?.aborted) return BLOCKED;
        const disposition = await applyAgain(parts, found.registration, carried);
        await failpoint(afterCommit);
        return disposition;
      });
    },
  };
}

/** Runs the local transaction, and again when others were in the way. */
async function applyAgain(
  parts: EachApplierParts,
  registration: EachRegistration,
  carried: CarriedTransaction,
): Promise<Disposition> {
  const timeoutMs = registration.limits.deadlineMs + MARGIN_MS;
  let lookUp = false;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    try {
      return await parts.database.transactWithin(timeoutMs, (tx) =>
        applyIn(tx, { parts, registration, carried, lookUp, timeoutMs }),
      );
    } catch (error) {
      if (!mayRunAgain(error)) throw error;
      lookUp = true;
    }
  }
  return BLOCKED;
}

/** Others were in the way. A handler's own fault is no contention, whatever its error is: a key of its own tables, say. */
function mayRunAgain(error: unknown): boolean {
  return !(error instanceof HandlerFailedError) && isContention(error);
}

interface Attempt {
  readonly parts: EachApplierParts;
  readonly registration: EachRegistration;
  readonly carried: CarriedTransaction;
  /** What is on record must be read first, since the last attempt has failed. */
  readonly lookUp: boolean;
  readonly timeoutMs: number;
}

async function applyIn(tx: Queryable, attempt: Attempt): Promise<Disposition> {
  const { parts, carried, registration } = attempt;
  const { floor, records } = parts.store;
  const { txNo, createTimeMs } = carried.transaction;
  const reachMs = floorReachMs(parts.retentionIntervalMs, attempt.timeoutMs);
  const floorMs = await floor.readFor(tx, createTimeMs, reachMs);
  if (attempt.lookUp || createTimeMs < floorMs) {
    const record = (await records.find(tx, [txNo])).get(txNo);
    if (record) return compareWithRecord(carried, record, parts.contentOf);
    if (createTimeMs < floorMs) return { kind: 'below-floor' };
  }
  const fresh = { ...carried.transaction, participant: carried.participant };
  // First, so that whoever has the same transaction waits for this one, or meets its record (1062) and then reads it.
  await records.insert(tx, [fresh], () => APPLIED);
  await tx.execute(sql`SAVEPOINT txmsg_handler`);
  const decision = await runHandler(parts.database, tx, registration, fresh);
  if (decision.outcome === 'REJECTED') {
    await takeBack(tx, txNo);
    await records.reject(tx, txNo, decision.reason);
  }
  await failpoint(`${parts.failpoints ?? 'inbox'}.before-commit`);
  return { kind: 'decided', decision };
}

/** @throws HandlerFailedError when the handler has done away with the savepoint */
async function takeBack(tx: Queryable, txNo: string): Promise<void> {
  try {
    await tx.execute(sql`ROLLBACK TO SAVEPOINT txmsg_handler`);
  } catch (error) {
    throw mysqlErrorNumber(error) === NO_SAVEPOINT ? new HandlerFailedError(txNo, error) : error;
  }
}
