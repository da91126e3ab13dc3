import { type Database, isOutage, isRetryable, lendConnection, type Queryable } from '@txmsg/mysql';
import { APPLIED, type Decision, type Fresh } from '../domain/transaction.js';
import { type EachRegistration, Rejected } from './handlers.js';

/** A handler has failed on a transaction, by its own fault: the local transaction must be rolled back. */
export class HandlerFailedError extends Error {
  override readonly name = 'HandlerFailedError';
  readonly txNo: string;

  constructor(txNo: string, cause: unknown) {
    super(`the handler failed on ${txNo}`, { cause });
    this.txNo = txNo;
  }
}

/** Why a handler was stopped. */
export class HandlerDeadlineError extends Error {
  override readonly name = 'HandlerDeadlineError';

  constructor(deadlineMs: number) {
    super(`it took longer than ${deadlineMs} ms`);
  }
}

/**
 * Runs a handler inside a local transaction, for its deadline at most. A connection on which statements of it may still
 * come is closed.
 *
 * @returns what it decided; for a rejection its statements are still to be taken back
 * @throws HandlerFailedError; or the database's error when that is an outage, or others were in the way
 */
export async function runHandler(
  database: Pick<Database, 'run'>,
  tx: Queryable,
  { handler, limits: { deadlineMs } }: EachRegistration,
  fresh: Fresh<unknown>,
): Promise<Decision> {
  const lent = lendConnection(database, tx);
  const stopping = new AbortController();
  let decision = APPLIED;
  let failure: unknown;
  try {
    const own = { db: lent.db, connection: lent.client, signal: stopping.signal };
    await withDeadline(handler(own, fresh), deadlineMs, stopping);
  } catch (error) {
    if (error instanceof Rejected) decision = { outcome: 'REJECTED', reason: error.reason };
    else failure = error;
  }
  // Read before the connection is closed, which breaks the statement that is under way.
  const { broken } = lent;
  if (!lent.takeBack()) {
    await lent.abandon();
    failure ??= new Error('it has ended, and statements of it were still under way: await each of them');
  }
  // After such an error the server may have rolled back, whatever the handler has made of it.
  if (isRetryable(broken) || isOutage(broken)) throw broken;
  // Any other is the handler's own, also one that looks like an outage: of something else that it has called.
  failure = broken ?? failure;
  if (failure !== undefined) throw new HandlerFailedError(fresh.txNo, failure);
  return decision;
}

async function withDeadline(
  work: Promise<void>,
  deadlineMs: number,
  stopping: AbortController,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new HandlerDeadlineError(deadlineMs);
      reject(error);
      stopping.abort(error);
    }, deadlineMs);
  });
  try {
    await Promise.race([work, expired]);
  } finally {
    clearTimeout(timer);
    // What it throws after its deadline concerns nobody.
    work.catch(() => undefined);
  }
}
