import { backoffDelayMs, failpoint, sleep, TxmsgError, uuidV7 } from '@txmsg/core';
import { isDeadlock, type LentClient, type Queryable } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import type { MessageTypes } from '../domain/message-types.js';
import type { OutageGuard } from '../rpc/guard-outage.js';
import { markerSql, payloadRowsSql } from '../store/insert-group.js';
import { type AttemptContext, endByError, hasNotCommitted } from './local-transaction.js';
import type { RelayLink } from './relay-link.js';
import { runLent } from './run-lent.js';
import { endHalves, type SentHalf, sendHalves } from './send-halves.js';
import { createStagedMessages, type Publish, type StagedMessage } from './staged-messages.js';

/** A local transaction as its callback sees it. */
export interface OutboxTransaction {
  /** drizzle in this transaction. */
  readonly db: Queryable;
  /** mysql2 on the same connection. */
  readonly connection: LentClient;
  /** Aborted when the time is up, or the caller's own signal is: the transaction is rolled back then. */
  readonly signal: AbortSignal;
  /** Adds a message that leaves when, and only when, this transaction commits. */
  readonly publish: Publish;
}

/** What runs in a local transaction. It may run again after a deadlock or a fence, so it has no effects outside. */
export type TransactionWork<T> = (tx: OutboxTransaction) => Promise<T>;

/** What local transactions are run with. */
export interface TransactionRunnerOptions extends AttemptContext {
  readonly relay: RelayLink;
  readonly types: MessageTypes;
  readonly maxGroupSize: number;
  /** Delay until the outbox publishes what a half message was sent for, in milliseconds. */
  readonly firstRelayDelayMs: () => number;
  /** Time that a callback may take, in milliseconds; far below the fence time. */
  readonly callbackDeadlineMs: number;
  /** Age at which a check-back fences, in milliseconds. */
  readonly fenceMs: number;
  /** What exists under the txNos of messages: the error for the caller, or undefined when nothing does. */
  readonly findExisting: (messages: readonly StagedMessage[]) => Promise<TxmsgError | undefined>;
  /** Turns an error of the database into one for the caller, and reports it. */
  readonly guard: Pick<OutageGuard, 'guard'>;
  /** Of `before-insert` and others, as in `outbox.before-insert`. */
  readonly failpoints: string;
}

/** Attempts per transaction that met a deadlock, a fence, or a key whose owner then rolled back. */
const MAX_ATTEMPTS = 9;
const BACKOFF = { initialMs: 5, maxMs: 200 };

/** How an attempt ended. */
type End<T> =
  | { readonly kind: 'COMMITTED'; readonly value: T }
  | { readonly kind: 'AGAIN'; readonly error: unknown }
  /** `byWork`: it is the callback's own error, whatever it looks like. */
  | { readonly kind: 'FAILED'; readonly error: unknown; readonly byWork?: boolean };

/**
 * Runs a callback and its messages in one local transaction, under a fresh transaction_id per attempt.
 *
 * @throws TxmsgError ALREADY_EXISTS when a tx_no exists (reason TX_NO_EXISTS when all exist with the same content);
 *   DEADLINE_EXCEEDED when the callback takes too long; CANCELLED when the signal is aborted; or what the callback or the
 *   database throws
 */
export async function runTransaction<T>(
  options: TransactionRunnerOptions,
  work: TransactionWork<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const end = await new Attempt(options).run(work, signal);
    if (end.kind === 'COMMITTED') return end.value;
    if (end.kind === 'FAILED' && end.byWork) throw end.error;
    if (end.kind === 'FAILED' || attempt === MAX_ATTEMPTS)
      return options.guard.guard(Promise.reject(end.error));
    await sleep(backoffDelayMs(attempt, BACKOFF), signal);
  }
}

/** One attempt at a local transaction. Its marker is written first, then comes the callback, then the outbox rows. */
class Attempt {
  readonly #options: TransactionRunnerOptions;
  readonly #transactionId = uuidV7();
  readonly #createTime: Date;
  readonly #published: boolean;
  /** What errors are about: a key that exists means another thing in each phase. */
  #phase: 'BEGIN' | 'CALLBACK' | 'OUTBOX' = 'BEGIN';
  #ended = false;
  #workHasThrown = false;
  #messages: readonly StagedMessage[] = [];
  #halves: readonly SentHalf[] = [];

  constructor(options: TransactionRunnerOptions) {
    this.#options = options;
    this.#createTime = new Date(options.clock.nowMs());
    this.#published = options.relay.available;
  }

  async run<T>(work: TransactionWork<T>, signal: AbortSignal | undefined): Promise<End<T>> {
    const { database, failpoints } = this.#options;
    let value: T | undefined;
    const done = () => ({ kind: 'COMMITTED', value: value as T }) as const;
    try {
      await database.transactAfter(
        async () => [markerSql(this.#options.tables, this.#marker)],
        async (tx) => {
          this.#phase = 'CALLBACK';
          value = await this.#runCallback(tx, work, signal);
          await this.#insertMessages(tx);
          await failpoint(`${failpoints}.before-commit`);
        },
      );
    } catch (error) {
      this.#ended = true;
      return this.#onError(error, done);
    }
    await this.#onCommitted();
    return done();
  }

  get #marker() {
    return { transactionId: this.#transactionId, createTime: this.#createTime };
  }

  async #runCallback<T>(
    tx: Queryable,
    work: TransactionWork<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const { database, types, callbackDeadlineMs: deadlineMs } = this.#options;
    const staged = createStagedMessages(types);
    try {
      return await runLent({ database, tx, deadlineMs, signal }, async (lent, ended) => {
        try {
          return await work({ db: lent.db, connection: lent.client, signal: ended, publish: staged.publish });
        } catch (error) {
          this.#workHasThrown = lent.broken === undefined;
          throw error;
        }
      });
    } finally {
      staged.close();
      this.#messages = staged.messages;
    }
  }

  /** The outbox rows, and the half messages beside them. */
  async #insertMessages(tx: Queryable): Promise<void> {
    const { clock, fenceMs, tables, failpoints } = this.#options;
    if (this.#messages.length > 0) await failpoint(`${failpoints}.before-insert`);
    // The database has given the transaction up meanwhile.
    if (this.#ended) return;
    if (clock.nowMs() - this.#createTime.getTime() > fenceMs / 2) throw tooLong();
    this.#phase = 'OUTBOX';
    if (this.#messages.length === 0) return;
    const delayMs = this.#published ? this.#options.firstRelayDelayMs() : 0;
    const nextRelayTime = new Date(this.#createTime.getTime() + delayMs);
    const relayCount = this.#published ? 1 : 0;
    const rows = { ...this.#marker, nextRelayTime, relayCount, rows: this.#messages };
    const inserted = tx.execute(sql.raw(payloadRowsSql(tables, rows)));
    if (this.#published) this.#halves = sendHalves(this.#options, this.#marker, this.#messages);
    await inserted;
  }

  async #onCommitted(): Promise<void> {
    await failpoint(`${this.#options.failpoints}.after-commit`);
    endHalves(this.#options, this.#halves, 'COMMIT');
  }

  async #onError<T>(error: unknown, done: () => End<T>): Promise<End<T>> {
    // A key of its own tables, or another service that it can't reach, is the callback's own affair.
    if (this.#phase === 'CALLBACK' && this.#workHasThrown) return { kind: 'FAILED', error, byWork: true };
    const end = await endByError(this.#options, this.#transactionId, error);
    if (end === 'COMMITTED') {
      await this.#onCommitted();
      return done();
    }
    if (end === undefined || hasNotCommitted(end)) endHalves(this.#options, this.#halves, 'ROLLBACK');
    if (end === 'FENCED') return { kind: 'AGAIN', error: fencedAgain() };
    if (end === 'DUPLICATE') return this.#onDuplicate();
    const failed = end?.failed ?? error;
    return { kind: isDeadlock(failed) ? 'AGAIN' : 'FAILED', error: failed };
  }

  async #onDuplicate<T>(): Promise<End<T>> {
    try {
      const refusal = await this.#options.findExisting(this.#messages);
      return refusal ? { kind: 'FAILED', error: refusal } : { kind: 'AGAIN', error: clashesAgain() };
    } catch (error) {
      return { kind: 'FAILED', error };
    }
  }
}

function tooLong(): TxmsgError {
  return new TxmsgError('DEADLINE_EXCEEDED', 'the transaction took too long, and was rolled back', {
    info: { reason: 'TRANSACTION_TOO_LONG' },
  });
}

function fencedAgain(): TxmsgError {
  return new TxmsgError('UNAVAILABLE', 'the local transaction was fenced again and again');
}

function clashesAgain(): TxmsgError {
  return new TxmsgError('UNAVAILABLE', 'a key clashes again and again, and nothing is found under it');
}
