import { takeStockCodec } from '@txmsg/contracts/messages';
import { backoffDelayMs, failpoint, type Logger, sleep, TxmsgError, uuidV7 } from '@txmsg/core';
import {
  CommitInDoubtError,
  type Database,
  type DatabaseClock,
  isDuplicateKey,
  isLockWaitTimeout,
  isOutage,
  isRetryable,
  isSaturated,
  TransactionTimeoutError,
} from '@txmsg/mysql';
import type { NewOrder, Order } from '../domain/order.js';
import { resolveDuplicates } from '../domain/resolve-duplicates.js';
import { fenceTransaction, isFenced } from '../store/check-transaction.js';
import { findOrdersByTxNo } from '../store/find-orders.js';
import { groupSql } from '../store/group-sql.js';
import { releaseUnsettled } from '../store/release-unsettled.js';
import type { PendingOrder } from './group-queue.js';
import { alreadyExists, tooBusy, unavailable } from './refusals.js';
import type { HalfMessage, PreparedHalf, RelayLink } from './relay-link.js';

/** What a group is written with. */
export interface GroupWriterOptions {
  readonly database: Database;
  readonly clock: DatabaseClock;
  readonly relay: RelayLink;
  readonly logger: Logger;
  /** Delay until the outbox publishes a group whose half message was sent, in milliseconds. */
  readonly firstRelayDelayMs: () => number;
  /** Told of every outage seen. */
  readonly onOutage: (error: unknown) => void;
  /** Says whether the database takes and commits a group: asked when a lock may be one of a single order or of everybody. */
  readonly isDatabaseThere: () => Promise<boolean>;
  /**
   * How long callers may wait while nothing is committed, in milliseconds: counted from when they asked, or from the last
   * commit. A queue that is long and moves refuses nobody.
   */
  readonly answerWithinMs: number;
}

/** A group's options, and when its callers have been answered, by `performance.now()`. */
interface Writing extends GroupWriterOptions {
  readonly answeredAt: number;
  readonly onCommit: () => void;
}

/** How one attempt at a group's local transaction ended. */
type Attempt = 'COMMITTED' | 'FENCED' | 'DUPLICATE' | { readonly failed: unknown };

/** Groups that are written singly beside the others, because of a lock. */
const MAX_ASIDE = 4;
const MAX_DEADLOCK_RETRIES = 8;
/** Attempts at one group under new ids: fenced ones, and those that met a key whose owner then rolled back. */
const MAX_TRIES = 6;
const CLASH_BACKOFF = { initialMs: 5, maxMs: 200 };
const DEADLOCK_BACKOFF = { initialMs: 5, maxMs: 200 };

/**
 * Writes groups: one half message and one local transaction side by side, and every order's answer from what the local
 * transaction did (design, section 2). The returned function settles every order of its group and never rejects.
 */
export function createGroupWriter(
  options: GroupWriterOptions,
): (group: readonly PendingOrder[]) => Promise<void> {
  let aside = 0;
  let committedAt = 0;
  const onCommit = () => {
    committedAt = performance.now();
  };
  return async (group) => {
    // A queue's first order is its oldest.
    const answeredAt = Math.max(group[0]?.since ?? 0, committedAt) + options.answerWithinMs;
    const leftMs = answeredAt - performance.now();
    if (leftMs <= 0) return giveUpOn(options, group);
    const writing = { ...options, answeredAt, onCommit };
    const timer = setTimeout(() => giveUpOn(options, group), leftMs);
    let done = Promise.resolve();
    try {
      await writeGroup(writing, group, 0);
    } catch (error) {
      if (!(await isLockOfOne(options, error)) || group.length === 1) return refuse(options, group, error);
      // One order of these waits for a lock that another session keeps; the next groups must not wait with it.
      aside += 1;
      done = writeSingly(writing, group, 0).finally(() => {
        aside -= 1;
      });
      if (aside > MAX_ASIDE) await done;
    } finally {
      void done.then(() => clearTimeout(timer));
    }
  };
}

/** The group goes on; who asks again with the same tx_no meets what became of it. */
function giveUpOn(options: GroupWriterOptions, group: readonly PendingOrder[]): void {
  refuse(options, group, new TransactionTimeoutError(options.answerWithinMs));
}

/** A lock wait while the database commits others. Otherwise everything is locked, as for a backup, and every order would wait. */
async function isLockOfOne({ isDatabaseThere }: GroupWriterOptions, error: unknown): Promise<boolean> {
  return isLockWaitTimeout(error) && (await isDatabaseThere());
}

async function writeGroup(options: Writing, group: readonly PendingOrder[], tries: number): Promise<void> {
  const createTime = new Date(options.clock.nowMs());
  const transactionId = uuidV7();
  const published = options.relay.available;
  const attempted = attemptGroup(options, { transactionId, createTime, published, orders: group });
  const half = published
    ? options.relay.prepare(() => halfMessage(transactionId, createTime, group))
    : Promise.resolve('UNSENT' as const);
  const attempt = await attempted;
  if (attempt === 'COMMITTED') {
    options.onCommit();
    await failpoint('order.after-commit');
    for (const order of group) order.resolve(pendingOrder(order, createTime));
    if (!published) return;
    void options.relay.end(half, 'COMMIT');
    void releaseUnsent(options, half, group);
    return;
  }
  if (attempt === 'FENCED' || attempt === 'DUPLICATE' || !(attempt.failed instanceof CommitInDoubtError)) {
    void options.relay.end(half, 'ROLLBACK');
  }
  if (attempt === 'DUPLICATE') return settleDuplicates(options, group, tries);
  if (attempt === 'FENCED' && tries < MAX_TRIES) return writeGroup(options, group, tries + 1);
  if (attempt === 'FENCED')
    throw new TxmsgError('UNAVAILABLE', 'the local transaction was fenced again and again');
  if (
    isOutage(attempt.failed) ||
    isSaturated(attempt.failed) ||
    isLockWaitTimeout(attempt.failed) ||
    group.length === 1
  )
    throw attempt.failed;
  await writeSingly(options, group, 0);
}

function halfMessage(transactionId: string, createTime: Date, group: readonly NewOrder[]): HalfMessage {
  const createTimeMs = createTime.getTime();
  const body = takeStockCodec.encode(
    group.map((order) => ({ txNo: order.txNo, createTimeMs, message: order })),
  );
  return { transactionId, createTimeMs, body, txNos: group.map(({ txNo }) => txNo) };
}

interface GroupAttempt {
  readonly transactionId: string;
  readonly createTime: Date;
  readonly published: boolean;
  readonly orders: readonly NewOrder[];
}

/** Runs the local transaction, after a deadlock again under the same id, until it is known how it ended. */
async function attemptGroup(options: GroupWriterOptions, group: GroupAttempt): Promise<Attempt> {
  for (let retry = 0; ; retry += 1) {
    try {
      await runLocalTransaction(options, group);
      return 'COMMITTED';
    } catch (error) {
      if (isDuplicateKey(error)) return whichDuplicate(options, group.transactionId);
      if (error instanceof CommitInDoubtError) return resolveDoubt(options, group.transactionId, error);
      // A lock that another session keeps must not keep the neighbours of the one order that needs it.
      if (isLockWaitTimeout(error) || isOutage(error)) return { failed: error };
      if (!isRetryable(error) || retry >= MAX_DEADLOCK_RETRIES) return { failed: error };
      await sleep(backoffDelayMs(retry + 1, DEADLOCK_BACKOFF));
    }
  }
}

function runLocalTransaction(
  { database, firstRelayDelayMs }: GroupWriterOptions,
  group: GroupAttempt,
): Promise<void> {
  const { transactionId, createTime, published, orders } = group;
  const nextRelayTime = new Date(createTime.getTime() + (published ? firstRelayDelayMs() : 0));
  const row = { transactionId, createTime, nextRelayTime, relayCount: published ? 1 : 0, orders };
  return database.transactAfter(
    async () => {
      await failpoint('order.before-insert');
      return groupSql(row);
    },
    async () => failpoint('order.before-commit'),
  );
}

/** A key existed: the marker's, since a check has fenced the transaction_id, or that of an order. */
async function whichDuplicate({ database }: GroupWriterOptions, transactionId: string): Promise<Attempt> {
  try {
    return (await isFenced(database, transactionId)) ? 'FENCED' : 'DUPLICATE';
  } catch (error) {
    return { failed: error };
  }
}

/** The reply to COMMIT was lost or leaves it open: fencing the id decides. While that can't be had nothing is said to the broker. */
async function resolveDoubt(
  options: GroupWriterOptions,
  transactionId: string,
  doubt: CommitInDoubtError,
): Promise<Attempt> {
  try {
    const verdict = await fenceTransaction(options.database, transactionId, new Date(options.clock.nowMs()));
    if (verdict === 'UNKNOWN') return { failed: doubt };
    return verdict === 'COMMIT' ? 'COMMITTED' : 'FENCED';
  } catch (error) {
    options.logger.warn({ err: error, transactionId }, 'commit in doubt; its check-back will decide');
    return { failed: doubt };
  }
}

/** After the commit: a group whose half message could not be sent is made due for the outbox at once. */
async function releaseUnsent(
  options: GroupWriterOptions,
  half: PreparedHalf,
  group: readonly NewOrder[],
): Promise<void> {
  if ((await half) !== 'UNSENT') return;
  const txNos = group.map(({ txNo }) => txNo);
  try {
    await options.database.run((db) => releaseUnsettled(db, txNos, new Date(options.clock.nowMs())));
  } catch (error) {
    options.logger.debug({ err: error }, 'unpublished group not released; it is due by its time');
  }
}

/** At least one tx_no existed: answers or refuses those that do, and tries the rest again. */
async function settleDuplicates(
  options: Writing,
  group: readonly PendingOrder[],
  tries: number,
): Promise<void> {
  const txNos = group.map(({ txNo }) => txNo);
  const existing = await options.database.run((db) => findOrdersByTxNo(db, txNos));
  const { answered, refused, remaining } = resolveDuplicates(group, existing);
  for (const { asked, existing: order } of answered) asked.resolve(order);
  for (const order of refused) order.reject(alreadyExists(order.txNo));
  if (remaining.length === 0) return;
  if (tries >= MAX_TRIES)
    throw new TxmsgError('UNAVAILABLE', 'a key clashes again and again, and nothing is found under it');
  // Nothing found: the key's owner has rolled back. One that clashes again must not hold up its neighbours.
  if (remaining.length === group.length) await writeSingly(options, remaining, tries + 1);
  else await writeGroup(options, remaining, tries);
}

/** Writes orders one by one; once their callers have been answered, or everything is locked, the rest is refused. */
async function writeSingly(options: Writing, group: readonly PendingOrder[], tries: number): Promise<void> {
  for (const [index, order] of group.entries()) {
    const rest = group.slice(index);
    if (performance.now() > options.answeredAt) return giveUpOn(options, rest);
    try {
      if (tries > 0) await sleep(backoffDelayMs(tries, CLASH_BACKOFF));
      await writeGroup(options, [order], tries);
    } catch (error) {
      const mayBeEverybodys = isLockWaitTimeout(error) || isOutage(error);
      if (mayBeEverybodys && !(await options.isDatabaseThere())) return refuse(options, rest, error);
      refuse(options, [order], error);
    }
  }
}

function refuse(options: GroupWriterOptions, group: readonly PendingOrder[], error: unknown): void {
  if (isOutage(error)) options.onOutage(error);
  for (const order of group) order.reject(refusal(order.txNo, error));
}

/** What the caller is told of an error of the database, or of trying in vain. */
function refusal(txNo: string, error: unknown): unknown {
  if (isSaturated(error)) return tooBusy(error);
  const inVain = error instanceof TxmsgError && error.code === 'UNAVAILABLE';
  return inVain || isOutage(error) || isRetryable(error) ? unavailable(txNo, error) : error;
}

function pendingOrder({ txNo, orderNo, productId, payCount }: NewOrder, createTime: Date): Order {
  return {
    txNo,
    orderNo,
    productId,
    payCount,
    status: 'PENDING',
    statusReason: '',
    createTime,
    updateTime: createTime,
  };
}
