import { backoffDelayMs, failpoint, sleep, TxmsgError, uuidV7 } from '@txmsg/core';
import { isLockWaitTimeout, isOutage, isRetryable, isSaturated, TransactionTimeoutError } from '@txmsg/mysql';
import { type Keyed, resolveDuplicates } from '../domain/resolve-duplicates.js';
import { logRowsSql, markerSql } from '../store/insert-group.js';
import { isLogged } from '../store/markers.js';
import type { GroupDefinition } from './group-definition.js';
import type { Pending, WriteGroup } from './group-queue.js';
import { type AttemptContext, type AttemptEnd, endByError, hasNotCommitted } from './local-transaction.js';
import type { Refusals } from './refusals.js';
import type { HalfMessage, PreparedHalf, RelayLink } from './relay-link.js';
import { releaseUnsent } from './release-unsent.js';

/** What a group is written with. */
export interface GroupWriterOptions<Row extends Keyed, Stored extends Keyed, M> extends AttemptContext {
  readonly definition: GroupDefinition<Row, Stored, M>;
  readonly relay: RelayLink;
  readonly refusals: Refusals;
  /** Delay until the outbox publishes a group whose half message was sent, in milliseconds. */
  readonly firstRelayDelayMs: () => number;
  /** Told of every outage seen. */
  readonly onOutage: (error: unknown) => void;
  /** Says whether the database takes and commits a group: asked when a lock may be one of a single row or of everybody. */
  readonly isDatabaseThere: () => Promise<boolean>;
  /**
   * How long callers may wait while nothing is committed, in milliseconds: counted from when they asked, or from the last
   * commit. A queue that is long and moves refuses nobody.
   */
  readonly answerWithinMs: number;
  /** Of `before-insert` and others, as in `order.before-insert`. */
  readonly failpoints: string;
}

/** Groups that are written singly beside the others, because of a lock. */
const MAX_ASIDE = 4;
const MAX_DEADLOCK_RETRIES = 8;
/** Attempts at one group that were fenced, or that met a key whose owner then rolled back. */
const MAX_IN_VAIN = 6;
const CLASH_BACKOFF = { initialMs: 5, maxMs: 200 };
const DEADLOCK_BACKOFF = { initialMs: 5, maxMs: 200 };

/**
 * Makes the writer of groups: one half message and one local transaction side by side, and every row's answer from what the
 * local transaction did (docs/design.md, "The life of an order"). It settles every row of its group and never rejects.
 */
export function createGroupWriter<Row extends Keyed, Stored extends Keyed, M>(
  options: GroupWriterOptions<Row, Stored, M>,
): WriteGroup<Row, Stored> {
  const writer = new GroupWriter(options);
  return (group) => writer.write(group);
}

/** What all attempts at one group share. */
interface Writing {
  /** When its callers have been answered, by `performance.now()`. */
  readonly answeredAt: number;
}

/** How often a group was tried in vain under other ids. */
interface InVain {
  /** A check had fenced the id. */
  readonly fenced: number;
  /** A key existed, and nothing was found under it. */
  readonly clashed: number;
}

const FIRST: InVain = { fenced: 0, clashed: 0 };

/** One attempt at a group, under its own transaction_id. */
interface Attempt<Row> {
  readonly transactionId: string;
  readonly createTime: Date;
  /** A half message goes beside it. */
  readonly published: boolean;
  readonly rows: readonly Row[];
}

class GroupWriter<Row extends Keyed, Stored extends Keyed, M> {
  readonly #options: GroupWriterOptions<Row, Stored, M>;
  readonly #points: {
    readonly beforeInsert: string;
    readonly beforeCommit: string;
    readonly afterCommit: string;
  };
  /** Groups that are being written singly beside the others. */
  #aside = 0;
  #committedAt = 0;

  constructor(options: GroupWriterOptions<Row, Stored, M>) {
    this.#options = options;
    const [beforeInsert, beforeCommit, afterCommit] = ['before-insert', 'before-commit', 'after-commit'].map(
      (point) => `${options.failpoints}.${point}`,
    ) as [string, string, string];
    this.#points = { beforeInsert, beforeCommit, afterCommit };
  }

  async write(group: readonly Pending<Row, Stored>[]): Promise<void> {
    // A queue's first row is its oldest.
    const answeredAt = Math.max(group[0]?.since ?? 0, this.#committedAt) + this.#options.answerWithinMs;
    const leftMs = answeredAt - performance.now();
    if (leftMs <= 0) return this.#giveUpOn(group);
    const writing = { answeredAt };
    const timer = setTimeout(() => this.#giveUpOn(group), leftMs);
    let done = Promise.resolve();
    try {
      await this.#writeGroup(writing, group, FIRST);
    } catch (error) {
      if (!(await this.#isLockOfOne(error)) || group.length === 1) return this.#refuse(group, error);
      // One row of these waits for a lock that another session keeps; the next groups must not wait with it.
      this.#aside += 1;
      done = this.#writeSingly(writing, group, FIRST).finally(() => {
        this.#aside -= 1;
      });
      if (this.#aside > MAX_ASIDE) await done;
    } finally {
      void done.then(() => clearTimeout(timer));
    }
  }

  /** The group goes on; who asks again with the same tx_no meets what became of it. */
  #giveUpOn(group: readonly Pending<Row, Stored>[]): void {
    this.#refuse(group, new TransactionTimeoutError(this.#options.answerWithinMs));
  }

  /** A lock wait while the database commits others. Otherwise everything is locked, as for a backup, and every row would wait. */
  async #isLockOfOne(error: unknown): Promise<boolean> {
    return isLockWaitTimeout(error) && (await this.#options.isDatabaseThere());
  }

  async #writeGroup(writing: Writing, group: readonly Pending<Row, Stored>[], inVain: InVain): Promise<void> {
    const { clock, relay, definition } = this.#options;
    const createTime = new Date(clock.nowMs());
    const transactionId = uuidV7();
    const published = relay.available;
    const attempted = this.#attempt({ transactionId, createTime, published, rows: group });
    const half = published
      ? relay.prepareNextTurn(() => halfMessage(definition, transactionId, createTime, group))
      : UNSENT;
    const end = await attempted;
    if (end === 'COMMITTED') return this.#onCommitted(group, createTime, published ? half : undefined);
    if (hasNotCommitted(end)) void relay.end(half, 'ROLLBACK');
    if (end === 'DUPLICATE') return this.#settleDuplicates(writing, group, inVain);
    if (end === 'FENCED') {
      if (inVain.fenced < MAX_IN_VAIN)
        return this.#writeGroup(writing, group, { ...inVain, fenced: inVain.fenced + 1 });
      throw new TxmsgError('UNAVAILABLE', 'the local transaction was fenced again and again');
    }
    const { failed } = end;
    if (isOutage(failed) || isSaturated(failed) || isLockWaitTimeout(failed) || group.length === 1)
      throw failed;
    await this.#writeSingly(writing, group, FIRST);
  }

  async #onCommitted(
    group: readonly Pending<Row, Stored>[],
    createTime: Date,
    half: PreparedHalf | undefined,
  ): Promise<void> {
    const { definition, relay } = this.#options;
    this.#committedAt = performance.now();
    await failpoint(this.#points.afterCommit);
    for (const row of group) row.resolve(definition.accepted(row, createTime));
    if (!half) return;
    void relay.end(half, 'COMMIT');
    void releaseUnsent(this.#options, half, group);
  }

  /** Runs the local transaction, after a deadlock again under the same id, until it is known how it ended. */
  async #attempt(attempt: Attempt<Row>): Promise<AttemptEnd> {
    for (let retry = 0; ; retry += 1) {
      try {
        await this.#runLocalTransaction(attempt);
        return 'COMMITTED';
      } catch (error) {
        const end = endByError(this.#options, attempt.transactionId, error);
        if (end) return end;
        // A lock that another session keeps must not keep the neighbours of the one row that needs it.
        if (isLockWaitTimeout(error) || isOutage(error)) return { failed: error };
        if (!isRetryable(error) || retry >= MAX_DEADLOCK_RETRIES) return { failed: error };
        await sleep(backoffDelayMs(retry + 1, DEADLOCK_BACKOFF));
      }
    }
  }

  #runLocalTransaction({ transactionId, createTime, published, rows }: Attempt<Row>): Promise<void> {
    const { database, tables, definition, firstRelayDelayMs } = this.#options;
    const nextRelayTime = new Date(createTime.getTime() + (published ? firstRelayDelayMs() : 0));
    const group = { transactionId, createTime, nextRelayTime, relayCount: published ? 1 : 0, rows };
    return database.transactAfter(
      async () => {
        await failpoint(this.#points.beforeInsert);
        return [
          markerSql(tables, group),
          logRowsSql(tables, group),
          ...definition.insertSql(rows, createTime),
        ];
      },
      async () => failpoint(this.#points.beforeCommit),
    );
  }

  /** At least one tx_no existed: answers or refuses those that do, and tries the rest again. */
  async #settleDuplicates(
    writing: Writing,
    group: readonly Pending<Row, Stored>[],
    inVain: InVain,
  ): Promise<void> {
    const { database, definition, refusals } = this.#options;
    const txNos = group.map(({ txNo }) => txNo);
    const existing = await database.run((db) => definition.find(db, txNos));
    const same = (row: Row, stored: Stored) => definition.sameContent(row, stored);
    const { answered, refused, remaining } = resolveDuplicates(group, existing, same);
    for (const { asked, existing: stored } of answered) asked.resolve(stored);
    for (const row of refused) row.reject(refusals.alreadyExists(row.txNo));
    if (remaining.length === 0) return;
    if (inVain.clashed >= MAX_IN_VAIN) return this.#settleClashing(remaining);
    // Nothing found: the key's owner has rolled back. One that clashes again must not hold up its neighbours.
    if (remaining.length === group.length)
      await this.#writeSingly(writing, remaining, { ...inVain, clashed: inVain.clashed + 1 });
    else await this.#writeGroup(writing, remaining, inVain);
  }

  /** Rows under whose keys nothing of theirs is found: a message that `transaction` has published may have the tx_no. */
  async #settleClashing(rows: readonly Pending<Row, Stored>[]): Promise<void> {
    const { database, tables, refusals } = this.#options;
    for (const row of rows) {
      if (!(await isLogged(database, tables, row.txNo)))
        throw new TxmsgError('UNAVAILABLE', 'a key clashes again and again, and nothing is found under it');
      row.reject(refusals.alreadyExists(row.txNo));
    }
  }

  /** Writes rows one by one; once their callers have been answered, or everything is locked, the rest is refused. */
  async #writeSingly(
    writing: Writing,
    group: readonly Pending<Row, Stored>[],
    inVain: InVain,
  ): Promise<void> {
    for (const [index, row] of group.entries()) {
      const rest = group.slice(index);
      if (performance.now() > writing.answeredAt) return this.#giveUpOn(rest);
      try {
        if (inVain.clashed > 0) await sleep(backoffDelayMs(inVain.clashed, CLASH_BACKOFF));
        await this.#writeGroup(writing, [row], inVain);
      } catch (error) {
        const mayBeEverybodys = isLockWaitTimeout(error) || isOutage(error);
        if (mayBeEverybodys && !(await this.#options.isDatabaseThere())) return this.#refuse(rest, error);
        this.#refuse([row], error);
      }
    }
  }

  #refuse(group: readonly Pending<Row, Stored>[], error: unknown): void {
    const { refusals, onOutage } = this.#options;
    if (isOutage(error)) onOutage(error);
    for (const row of group) row.reject(refusal(refusals, row.txNo, error));
  }
}

const UNSENT: PreparedHalf = Promise.resolve('UNSENT');

function halfMessage<Row extends Keyed, Stored extends Keyed, M>(
  { type, message }: GroupDefinition<Row, Stored, M>,
  transactionId: string,
  createTime: Date,
  group: readonly Row[],
): HalfMessage {
  const createTimeMs = createTime.getTime();
  const entries = group.map((row) => ({ txNo: row.txNo, createTimeMs, message: message(row) }));
  const txNos = group.map(({ txNo }) => txNo);
  const body = type.codec.encode(entries);
  return { transactionId, createTimeMs, topic: type.topic, type: type.type, body, txNos };
}

/** What the caller is told of an error of the database, or of trying in vain. */
function refusal(refusals: Refusals, txNo: string, error: unknown): unknown {
  if (isSaturated(error)) return refusals.tooBusy(error);
  const inVain = error instanceof TxmsgError && error.code === 'UNAVAILABLE';
  return inVain || isOutage(error) || isRetryable(error) ? refusals.unavailable(txNo, error) : error;
}
