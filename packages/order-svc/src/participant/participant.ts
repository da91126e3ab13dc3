import { takeStockCodec } from '@txmsg/contracts/messages';
import { chunks, type Logger } from '@txmsg/core';
import { type Database, type DatabaseClock, isDeadlock, isLockWait, transactAgain } from '@txmsg/mysql';
import { DelayFall } from '../domain/delay-fall.js';
import type { GroupLimits } from '../domain/group-limits.js';
import { firstDelayMs, LagTracker, planClaim, type RepublicationLimits } from '../domain/republication.js';
import type { Verdict, VerdictLimits } from '../domain/verdict.js';
import { checkTransaction, checkTxNo } from '../store/check-transaction.js';
import { leaseRows, lockDue, postponeRows, readContents } from '../store/claim-due.js';
import { lockFreeRows } from '../store/free-rows.js';
import { hastenRows } from '../store/hasten-rows.js';
import { oldestUnsettled } from '../store/oldest-unsettled.js';
import { releaseUnsettled } from '../store/release-unsettled.js';
import type { PartialSettlement, Settlement } from '../store/settle-transactions.js';
import { createSettler } from './settler.js';
import { createWatermark, type Watermark } from './watermark.js';

/** A ready message of claimed transactions. */
export interface ClaimedGroup {
  readonly body: Buffer;
  readonly txNos: readonly string[];
}

/** What a claim hands out. */
export interface Claim {
  readonly groups: readonly ClaimedGroup[];
  /** A time before which no transaction is unsettled, nor will be; undefined while it is not known. */
  readonly oldestUnsettled: Date | undefined;
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
  /** A time before which no transaction is unsettled, nor will be; undefined while it is not known. */
  readonly watermark: Watermark;
  /** Leases due transactions and hands out their messages. */
  claim(maxTransactions: number): Promise<Claim>;
  /** Gives back leases whose publication failed; those that another session has locked run out. */
  release(txNos: readonly string[]): Promise<void>;
  /**
   * Settles orders but those that another session has locked, which it names; `deliveryLagMs` is the consumer's measure,
   * undefined when it sent none.
   */
  settle(settlements: readonly Settlement[], deliveryLagMs: number | undefined): Promise<PartialSettlement>;
}

/** What a participant works with. */
export interface ParticipantOptions extends RepublicationLimits, VerdictLimits, GroupLimits {
  readonly database: Database;
  readonly clock: DatabaseClock;
  readonly logger: Logger;
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
/** The same for those that go round a lock that is kept instead of waiting for it again. */
const DEADLOCKS = { ...RETRY, isContention: isDeadlock };

/** Makes the participant. */
export function createParticipant(options: ParticipantOptions): Participant {
  const { database, clock } = options;
  const lag = new LagTracker(LAG_WINDOWS * options.firstMs);
  const takeProbes = createProbeAllowance();
  const fall = new DelayFall();
  const lagMs = () => lag.lagMs(performance.now());
  const watermark = createWatermark({
    readOldest: () => database.run(oldestUnsettled),
    fenceMs: options.fenceMs,
    logger: options.logger,
  });
  const sweep = createSweep(options);
  /** After the lag has fallen: what was put off under it would wait for long in a system that is well. */
  const hastenSome = async (firstMs: number) => {
    try {
      if (await sweep(firstMs)) fall.caughtUp(firstMs);
    } catch (error) {
      // The claim stands; the next idle one goes on with the sweep.
      options.logger.debug({ err: error }, 'rows not brought forward');
    }
  };
  return {
    firstRelayDelayMs: () => fall.given(firstDelayMs(lagMs(), options)),
    check: (transactionId, createTimeMs) =>
      checkTransaction(database, transactionId, createTimeMs, clock.nowMs(), options),
    checkByTxNo: (txNo) => checkTxNo(database, txNo),
    watermark,
    async claim(maxTransactions) {
      const lagNowMs = lagMs();
      const claimed = await claim({ ...options, watermark }, maxTransactions, lagNowMs, takeProbes);
      const firstMs = fall.given(firstDelayMs(lagNowMs, options));
      if (claimed.groups.length === 0 && fall.isBelow(firstMs)) await hastenSome(firstMs);
      return claimed;
    },
    release: (txNos) => release(options, txNos),
    settle: createSettler({ ...options, recordLag: (sampleMs) => lag.record(sampleMs, performance.now()) }),
  };
}

async function release({ database, clock }: ParticipantOptions, txNos: readonly string[]): Promise<void> {
  const now = new Date(clock.nowMs());
  try {
    await transactAgain(database, DEADLOCKS, (tx) => releaseUnsettled(tx, txNos, now));
  } catch (error) {
    if (!isLockWait(error)) throw error;
    await transactAgain(database, DEADLOCKS, async (tx) => {
      const free = await lockFreeRows(tx, txNos);
      if (free.length > 0) await releaseUnsettled(tx, free, now);
    });
  }
}

async function claim(
  options: ParticipantOptions & { readonly watermark: Watermark },
  maxTransactions: number,
  lagMs: number,
  takeProbes: (nowMs: number) => number,
): Promise<Claim> {
  const { database, clock } = options;
  const nowMs = clock.nowMs();
  const now = new Date(nowMs);
  const firstMs = firstDelayMs(lagMs, options);
  // Before the leases are committed: what fails after that loses them until they run out.
  const oldest = await options.watermark(nowMs);
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
  return {
    groups: chunks(rows, options.maxGroupSize).map((group) => ({
      body: takeStockCodec.encode(
        group.map((order) => ({
          txNo: order.txNo,
          createTimeMs: order.createTime.getTime(),
          message: order,
        })),
      ),
      txNos: group.map(({ txNo }) => txNo),
    })),
    oldestUnsettled: oldest,
    more: due === maxTransactions,
  };
}

/** Looks through the rows that are put off, a bounded part a call; true when it has come to their end. */
function createSweep({ database, clock, maxMs }: ParticipantOptions): (firstMs: number) => Promise<boolean> {
  let after: Date | undefined;
  return async (firstMs) => {
    const limits = { firstMs, maxMs: Math.max(maxMs, firstMs) };
    const now = new Date(clock.nowMs());
    const from = after;
    after = await transactAgain(database, RETRY, (tx) => hastenRows(tx, now, limits, from));
    return after === undefined;
  };
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
