import { sleep, TxmsgError } from '@txmsg/core';
import {
  type Database,
  isOutage,
  isRetryable,
  type LentConnection,
  lendConnection,
  type Queryable,
} from '@txmsg/mysql';

/** How code of the service runs on the connection of a transaction. */
export interface LentRun {
  readonly database: Database;
  /** The transaction that it runs in. */
  readonly tx: Queryable;
  /** Time that it may take, in milliseconds. */
  readonly deadlineMs: number;
  /** Ends it early. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs code of the service on the connection of a transaction, for `deadlineMs` at most. Whatever it does there afterwards is
 * refused, and a statement that is still under way then costs the connection: nothing of it can meet another transaction.
 *
 * @param work gets a signal that is aborted when its time is up, or it is ended early
 * @throws TxmsgError DEADLINE_EXCEEDED when it takes too long, CANCELLED when it was ended early; the database's error when a
 *   statement met one that ends a transaction, whatever `work` made of it; or what `work` throws
 */
export async function runLent<T>(
  { database, tx, deadlineMs, signal }: LentRun,
  work: (lent: LentConnection, ended: AbortSignal) => Promise<T>,
): Promise<T> {
  if (signal?.aborted) throw cancelled();
  const lent = lendConnection(database, tx);
  const ended = new AbortController();
  const finished = new AbortController();
  let late: unknown;
  const noteLate = (error: unknown) => {
    late = error;
    throw error;
  };
  try {
    const running = work(lent, ended.signal);
    const timer = overdue(deadlineMs, signal, finished.signal).catch(noteLate);
    const value = await Promise.race([running, timer]);
    if (lent.broken !== undefined) throw lent.broken;
    if (!lent.takeBack()) throw new Error('a statement of the transaction was not awaited');
    return value;
  } catch (error) {
    ended.abort();
    if (!lent.takeBack()) await lent.abandon();
    throw error === late ? error : failureOf(error, lent.broken);
  } finally {
    finished.abort();
  }
}

/** What an error is about: of the database as soon as a statement has met one of it, else of the code. */
function failureOf(error: unknown, broken: unknown): unknown {
  return broken === undefined || isRetryable(error) || isOutage(error) ? error : broken;
}

function cancelled(): TxmsgError {
  return new TxmsgError('CANCELLED', 'the transaction was cancelled, and rolled back');
}

/** Rejects when the time is up or the signal is aborted; never settles when the work is finished before. */
async function overdue(
  deadlineMs: number,
  signal: AbortSignal | undefined,
  finished: AbortSignal,
): Promise<never> {
  await sleep(deadlineMs, signal ? AbortSignal.any([signal, finished]) : finished);
  if (finished.aborted) return new Promise<never>(() => {});
  if (signal?.aborted) throw cancelled();
  throw new TxmsgError(
    'DEADLINE_EXCEEDED',
    `the transaction took longer than ${deadlineMs} ms, and was rolled back`,
    { info: { reason: 'TRANSACTION_TOO_LONG' } },
  );
}
