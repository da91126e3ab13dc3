import { type Database, type DatabaseClock, transactAgain } from '@txmsg/mysql';
import { failpoint } from '@txmsg/service';
import { DelayFall } from '../domain/delay-fall.js';
import { encodeMessageBody } from '../domain/message-body.js';
import { firstDelayMs, LagTracker, planClaim, type RepublicationLimits } from '../domain/republication.js';
import { type GroupLimits, splitGroups } from '../domain/split-group.js';
import type { Verdict, VerdictLimits } from '../domain/verdict.js';
import { checkTransaction, checkTxNo } from '../store/check-transaction.js';
import { leaseRows, lockDue, postponeRows, readContents } from '../store/claim-due.js';
import { hastenRows } from '../store/hasten-rows.js';
import { oldestUnsettled } from '../store/oldest-unsettled.js';
import { releaseUnsettled } from '../store/release-unsettled.js';
import {
  oldestOfOnePublication,
  type Settlement,
  type SettlementCounts,
  settleTransactions,
} from '../store/settle-transactions.js';

/** A ready message of claimed transactions. */
export interface ClaimedGroup {
  readonly body: Buffer;
  readonly txNos: readonly string[];
}

/** What a claim hands out. */
export interface Claim {
  readonly groups: readonly ClaimedGroup[];
  /** Create time of the oldest unsettled transaction, or a time before which none will appear. */
  readonly oldestUnsettled: Date;
  /** More is due than was handed out. */
  readonly more: boolean;
}

/** The order service as a transaction participant: what its gRPC contract does, without gRPC. */
export interface Participant {
  /** Delay until a new order is first published again, by the present lag, in milliseconds. */
  firstRelayDelayMs(): number;
  /** The verdict on a transaction_id; `createTimeMs` is the stamp on its message, undefined when it has none. */
  check(transactionId: string, createTimeMs: number | undefined): Promise<Verdict>;
  /** COMMIT when the order exists, else UNKNOWN. */
  checkByTxNo(txNo: string): Promise<Verdict>;
  /** Leases due transactions and hands out their messages. */
  claim(maxTransactions: number): Promise<Claim>;
  /** Gives back leases whose publication failed. */
  release(txNos: readonly string[]): Promise<void>;
  /** Settles orders; `deliveryLagMs` is the consumer's measure, undefined when it sent none. */
  settle(settlements: readonly Settlement[], deliveryLagMs: number | undefined): Promise<SettlementCounts>;
}

/** What a participant works with. */
export interface ParticipantOptions extends RepublicationLimits, VerdictLimits, GroupLimits {
  readonly database: Database;
  readonly clock: DatabaseClock;
  /** Told of the txNos of each settlement made here. */
  readonly onSettled: (txNos: readonly string[]) => void;
}

/** Transactions that a second's probe publishes in spite of the lag. */
const PROBE_SIZE = 10;
const PROBE_EVERY_MS = 1_000;
/** A lag counts for one to two times this many first delays after it was seen. */
const LAG_WINDOWS = 3;
/** How long a transaction that meets deadlocks is run again. */
const RETRY = { budgetMs: 2_000 };

/** Makes the participant. */
export function createParticipant(options: ParticipantOptions): Participant {
  const { database, clock } = options;
  const lag = new LagTracker(LAG_WINDOWS * options.firstMs);
  const takeProbes = createProbeAllowance();
  const fall = new DelayFall();
  const lagMs = () => lag.lagMs(performance.now());
  return {
    firstRelayDelayMs: () => fall.given(firstDelayMs(lagMs(), options)),
    check: (transactionId, createTimeMs) =>
      checkTransaction(database, transactionId, createTimeMs, clock.nowMs(), options),
    checkByTxNo: (txNo) => checkTxNo(database, txNo),
    async claim(maxTransactions) {
      const lagNowMs = lagMs();
      const claimed = await claim(options, maxTransactions, lagNowMs, takeProbes);
      const firstMs = fall.given(firstDelayMs(lagNowMs, options));
      if (claimed.groups.length === 0 && fall.isBelow(firstMs)) {
        const hastened = await hasten(options, firstMs, maxTransactions);
        if (hastened < maxTransactions) fall.caughtUp(firstMs);
      }
      return claimed;
    },
    release: (txNos) =>
      transactAgain(database, RETRY, (tx) => releaseUnsettled(tx, txNos, new Date(clock.nowMs()))),
    async settle(settlements, deliveryLagMs) {
      const nowMs = clock.nowMs();
      const txNos = settlements.map(({ txNo }) => txNo);
      const { oldest, counts } = await transactAgain(database, RETRY, async (tx) => {
        const oldest = deliveryLagMs === undefined ? await oldestOfOnePublication(tx, txNos) : undefined;
        const counts = await settleTransactions(tx, settlements, new Date(nowMs));
        await failpoint('order.before-settle-commit');
        return { oldest, counts };
      });
      const sample = deliveryLagMs ?? (oldest && nowMs - oldest.getTime());
      if (sample !== undefined) lag.record(sample, performance.now());
      options.onSettled(txNos);
      return counts;
    },
  };
}

async function claim(
  options: ParticipantOptions,
  maxTransactions: number,
  lagMs: number,
  takeProbes: (nowMs: number) => number,
): Promise<Claim> {
  const { database, clock } = options;
  const nowMs = clock.nowMs();
  const now = new Date(nowMs);
  const firstMs = firstDelayMs(lagMs, options);
  const { rows, due } = await transactAgain(database, RETRY, async (tx) => {
    const due = await lockDue(tx, now, maxTransactions);
    const probes = due.length > 0 ? takeProbes(performance.now()) : 0;
    const { publish, postpone } = planClaim(due, { nowMs, lagMs, probes }, options);
    if (postpone.length > 0)
      await postponeRows(
        tx,
        postpone.map(({ txNo }) => txNo),
        firstMs,
      );
    if (publish.length === 0) return { rows: [], due: due.length };
    const txNos = publish.map(({ txNo }) => txNo);
    await leaseRows(tx, txNos, now, firstMs, Math.max(options.maxMs, firstMs));
    return { rows: await readContents(tx, txNos), due: due.length };
  });
  const oldest = await database.run(oldestUnsettled);
  return {
    groups: splitGroups(rows, options).map((group) => ({
      body: encodeMessageBody(group.map((order) => ({ ...order, createTimeMs: order.createTime.getTime() }))),
      txNos: group.map(({ txNo }) => txNo),
    })),
    // A transaction stamped before now may still be on its way to its commit, but not for longer than the fence time.
    oldestUnsettled: new Date(Math.min(oldest?.getTime() ?? nowMs, nowMs - options.fenceMs)),
    more: due === maxTransactions,
  };
}

/** After the lag has fallen: what was put off under it would wait for long in a system that is well. */
function hasten(
  { database, clock, maxMs }: ParticipantOptions,
  firstMs: number,
  limit: number,
): Promise<number> {
  const limits = { firstMs, maxMs: Math.max(maxMs, firstMs) };
  return transactAgain(database, RETRY, (tx) => hastenRows(tx, new Date(clock.nowMs()), limits, limit));
}

/** Allows a small probe a second, however often it is asked. */
function createProbeAllowance(): (nowMs: number) => number {
  let lastMs = Number.NEGATIVE_INFINITY;
  return (nowMs) => {
    if (nowMs - lastMs < PROBE_EVERY_MS) return 0;
    lastMs = nowMs;
    return PROBE_SIZE;
  };
}
