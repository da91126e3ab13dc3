import type { Database, LentClient, Queryable } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import type { MessageTypes } from '../domain/message-types.js';
import { runLent } from '../publish/run-lent.js';
import { createStagedMessages, type Publish, type StagedMessage } from '../publish/staged-messages.js';
import type { Settlement } from '../store/settlement.js';

/** The local transaction that settles, as a hook sees it. */
export interface SettlingTransaction {
  /** drizzle in that transaction. */
  readonly db: Queryable;
  /** mysql2 on the same connection. */
  readonly connection: LentClient;
  /** Aborted when the hook's time is up: its transaction is given up then. */
  readonly signal: AbortSignal;
  /** Stages a message that leaves when the settlement has committed. */
  readonly publish: Publish;
}

/** What a service does with outcomes, exactly once per transaction: its rows are locked first, and unsettled until then. */
export type SettledHook = (tx: SettlingTransaction, outcomes: readonly Settlement[]) => Promise<void>;

/**
 * What a service does with outcomes as statements: the hot path. The outcomes may name transactions that were settled before,
 * so a statement changes only rows that wait for an outcome.
 */
export interface SqlHook {
  readonly statements: (outcomes: readonly Settlement[], now: Date) => readonly string[];
  /**
   * A statement that locks the rows that `statements` will change, skips those that others hold, and returns their
   * `tx_no`. With it a row that somebody keeps locked delays its own transaction only.
   */
  readonly lockFree?: (txNos: readonly string[]) => string;
}

/** A hook has thrown, taken too long, or published what can't be; its transaction is rolled back. */
export class HookFailedError extends Error {
  readonly type: string;
  /** Those whose outcomes it was given. */
  readonly txNos: readonly string[];
  /** What it has thrown. The database's errors are the cause, too: they may be a deadlock or an outage. */
  readonly thrown: unknown;

  constructor(type: string, txNos: readonly string[], thrown: unknown, by: 'HOOK' | 'DATABASE') {
    super(`the settlement hook of ${type} failed`, by === 'DATABASE' ? { cause: thrown } : {});
    this.thrown = thrown;
    this.name = 'HookFailedError';
    this.type = type;
    this.txNos = txNos;
  }
}

/** The hooks of an outbox, one per type at most. */
export class SettlementHooks {
  readonly #sql = new Map<string, SqlHook>();
  readonly #code = new Map<string, SettledHook>();

  /** @throws Error when the type has a hook already */
  addSql(type: string, hook: SqlHook): void {
    this.#refuseSecond(type);
    this.#sql.set(type, hook);
  }

  /** @throws Error when the type has a hook already */
  addCode(type: string, hook: SettledHook): void {
    this.#refuseSecond(type);
    this.#code.set(type, hook);
  }

  sqlOf(type: string): SqlHook | undefined {
    return this.#sql.get(type);
  }

  codeOf(type: string): SettledHook | undefined {
    return this.#code.get(type);
  }

  #refuseSecond(type: string): void {
    if (this.#sql.has(type) || this.#code.has(type)) throw new Error(`${type} has a settlement hook already`);
  }
}

/** @throws HookFailedError */
export async function runSqlHook(
  tx: Queryable,
  type: string,
  hook: SqlHook,
  outcomes: readonly Settlement[],
  now: Date,
): Promise<void> {
  let by: 'HOOK' | 'DATABASE' = 'HOOK';
  try {
    const statements = hook.statements(outcomes, now);
    by = 'DATABASE';
    for (const statement of statements) await tx.execute(sql.raw(statement));
  } catch (error) {
    throw new HookFailedError(type, txNosOf(outcomes), error, by);
  }
}

/** What a hook of the service's own code runs with. */
export interface CodeHookOptions {
  readonly database: Database;
  readonly types: MessageTypes;
  /** In milliseconds. */
  readonly deadlineMs: number;
  /** Writes what the hook has published. */
  readonly insert: (messages: readonly StagedMessage[]) => Promise<void>;
}

/**
 * Runs a hook of the service's own code on the transaction's connection, for `deadlineMs` at most.
 *
 * @throws HookFailedError
 */
export async function runCodeHook(
  tx: Queryable,
  type: string,
  hook: SettledHook,
  outcomes: readonly Settlement[],
  { database, types, deadlineMs, insert }: CodeHookOptions,
): Promise<void> {
  const { publish, messages, close } = createStagedMessages(types);
  let by: 'HOOK' | 'DATABASE' = 'HOOK';
  try {
    await runLent({ database, tx, deadlineMs }, async (lent, signal) => {
      try {
        await hook({ db: lent.db, connection: lent.client, signal, publish }, outcomes);
      } finally {
        close();
        if (lent.broken !== undefined) by = 'DATABASE';
      }
    });
    by = 'DATABASE';
    if (messages.length > 0) await insert(messages);
  } catch (error) {
    throw new HookFailedError(type, txNosOf(outcomes), error, by);
  } finally {
    close();
  }
}

/** The txNos of outcomes. */
export function txNosOf(settlements: readonly Settlement[]): string[] {
  return settlements.map(({ txNo }) => txNo);
}
