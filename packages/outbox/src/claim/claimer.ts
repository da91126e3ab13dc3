import type { Database, DatabaseClock } from '@txmsg/mysql';
import { isDeadlock, isLockWait, transactAgain } from '@txmsg/mysql';
import { DelayFall } from '../domain/delay-fall.js';
import { firstDelayMs, planClaim, type RepublicationLimits } from '../domain/republication.js';
import {
  type DueRow,
  hastenRows,
  leaseRows,
  lockDue,
  postponeRows,
  releaseUnsettled,
} from '../store/claims.js';
import { lockUnsettled } from '../store/settlement.js';
import { type ClaimedGroup, encodeClaimed, type ReadClaimedOptions, readClaimed } from './read-claimed.js';
import type { Watermark } from './watermark.js';

/** What a claim hands out. */
export interface Claim {
  readonly groups: readonly ClaimedGroup[];
  /** Every transaction created before this time is settled, and stays settled. Undefined while it is not known. */
  readonly oldestUnsettled: Date | undefined;
  /** More is due than was handed out. */
  readonly more: boolean;
}

/** What claiming works with. */
export interface ClaimerOptions extends RepublicationLimits, ReadClaimedOptions {
  readonly database: Database;
  readonly clock: DatabaseClock;
  /** Whether the table has the columns of the second schema. */
  readonly columns: { readonly present: boolean };
  readonly maxGroupSize: number;
  readonly watermark: Watermark;
  /** How long deliveries take now, in milliseconds. */
  readonly lagMs: () => number;
}

/** Hands out what is due, and takes back what could not be published. */
export interface Claimer {
  /** Delay until a new transaction is first published again, by the present lag, in milliseconds. Such a delay is given out. */
  giveFirstDelayMs(): number;
  /** Leases due transactions and hands out their messages. */
  claim(maxTransactions: number): Promise<Claim>;
  /** Gives back leases whose publication failed; those that another session has locked run out. */
  release(txNos: readonly string[]): Promise<void>;
}

/** Transactions that a second's probe publishes in spite of the lag. */
const PROBE_SIZE = 10;
const PROBE_EVERY_MS = 1_000;
/** How long a transaction that meets deadlocks is run again. */
const RETRY = { budgetMs: 2_000 };
/** The same for those that go round a lock that is kept instead of waiting for it again. */
const DEADLOCKS = { ...RETRY, isContention: isDeadlock };
/** Bodies of one claim together, so that they fit an answer of 4 MiB. */
const MAX_CLAIM_BYTES = 2 * 1024 * 1024;

/** Makes the claimer. */
export function createClaimer(options: ClaimerOptions): Claimer {
  const takeProbes = createProbeAllowance();
  const fall = new DelayFall();
  const sweep = createSweep(options);
  /** After the lag has fallen: rows delayed by an old, high lag would otherwise wait long after the system has recovered. */
  const hastenSome = async (firstMs: number) => {
    try {
      if (await sweep(firstMs)) fall.caughtUp(firstMs);
    } catch (error) {
      // The claim stands; the next idle one goes on with the sweep.
      options.logger.debug({ err: error }, 'rows not brought forward');
    }
  };
  return {
    giveFirstDelayMs: () => fall.given(firstDelayMs(options.lagMs(), options)),
    async claim(maxTransactions) {
      const lagMs = options.lagMs();
      const claimed = await claim(options, maxTransactions, lagMs, takeProbes);
      const firstMs = fall.given(firstDelayMs(lagMs, options));
      if (claimed.groups.length === 0 && fall.isBelow(firstMs)) await hastenSome(firstMs);
      return claimed;
    },
    release: (txNos) => release(options, txNos),
  };
}

async function release({ database, tables, clock }: ClaimerOptions, txNos: readonly string[]): Promise<void> {
  const now = new Date(clock.nowMs());
  try {
    await transactAgain(database, DEADLOCKS, (tx) => releaseUnsettled(tx, tables, txNos, now));
  } catch (error) {
    if (!isLockWait(error)) throw error;
    await transactAgain(database, DEADLOCKS, async (tx) => {
      const free = await lockUnsettled(tx, tables, txNos, { skipLocked: true, hasTypes: false });
      const freeTxNos = free.map(({ txNo }) => txNo);
      if (free.length > 0) await releaseUnsettled(tx, tables, freeTxNos, now);
    });
  }
}

async function claim(
  options: ClaimerOptions,
  maxTransactions: number,
  lagMs: number,
  takeProbes: (nowMs: number) => number,
): Promise<Claim> {
  const { database, tables, types, columns, clock, maxMs, maxGroupSize } = options;
  const nowMs = clock.nowMs();
  const now = new Date(nowMs);
  const firstMs = firstDelayMs(lagMs, options);
  const known = types.untyped ? [null, ...types.names] : types.names;
  const range = { now, limit: maxTransactions, types: columns.present ? known : undefined };
  // Before the leases are committed: what fails after that loses them until they run out.
  const oldestUnsettled = await options.watermark(nowMs);
  const { messages, more } = await transactAgain(database, RETRY, async (tx) => {
    const locked = await lockDue(tx, tables, range);
    const due = withinBytes(locked);
    const more = locked.length === maxTransactions || due.length < locked.length;
    const probes = due.length > 0 ? takeProbes(performance.now()) : 0;
    const { publish, postpone } = planClaim(due, { nowMs, lagMs, probes }, options);
    if (postpone.length > 0) await postponeRows(tx, tables, txNosOf(postpone), firstMs);
    if (publish.length === 0) return { messages: new Map(), more };
    const lease = { now, firstMs, maxMs: Math.max(maxMs, firstMs), keepsTime: columns.present };
    await leaseRows(tx, tables, txNosOf(publish), lease);
    return { messages: await readClaimed(options, tx, publish), more };
  });
  return { groups: encodeClaimed(messages, maxGroupSize), oldestUnsettled, more };
}

/** The first rows whose payloads are no more than an answer may hold; one at least. */
function withinBytes(rows: readonly DueRow[]): readonly DueRow[] {
  let bytes = 0;
  const end = rows.findIndex(({ payloadBytes }, index) => {
    bytes += payloadBytes;
    return index > 0 && bytes > MAX_CLAIM_BYTES;
  });
  return end === -1 ? rows : rows.slice(0, end);
}

/** Looks through the rows that are put off, a bounded part per call; true when it has come to their end. */
function createSweep({
  database,
  tables,
  clock,
  maxMs,
}: ClaimerOptions): (firstMs: number) => Promise<boolean> {
  let after: Date | undefined;
  return async (firstMs) => {
    const range = { now: new Date(clock.nowMs()), firstMs, maxMs: Math.max(maxMs, firstMs) };
    const from = after;
    after = await transactAgain(database, RETRY, (tx) => hastenRows(tx, tables, range, from));
    return after === undefined;
  };
}

/** Allows a small probe per second, however often it is asked. */
function createProbeAllowance(): (nowMs: number) => number {
  let lastMs = Number.NEGATIVE_INFINITY;
  return (nowMs) => {
    if (nowMs - lastMs < PROBE_EVERY_MS) return 0;
    lastMs = nowMs;
    return PROBE_SIZE;
  };
}

function txNosOf(rows: readonly { readonly txNo: string }[]): string[] {
  return rows.map(({ txNo }) => txNo);
}
