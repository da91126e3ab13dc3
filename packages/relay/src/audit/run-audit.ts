import { backoffDelayMs, sleep } from '@txmsg/core';
import {
  type BookEntry,
  compareEntries,
  compareTotals,
  type Difference,
  pairEntries,
} from '../domain/compare-books.js';
import {
  addTotals,
  type BookRange,
  type LedgerClient,
  mergeEntries,
  readBooks,
  readTotals,
} from './read-books.js';

/** What an audit compares: one replica of each participant with one of each consumer. */
export interface AuditSides {
  readonly participants: readonly LedgerClient[];
  readonly consumers: readonly LedgerClient[];
}

/** What was compared. */
export interface AuditSummary {
  readonly transactions: number;
  readonly pending: number;
  readonly accounts: number;
}

/** Suspects that are read again together. */
const SUSPECTS = 500;
/** A difference counts when it is still there after these further looks. */
const LOOKS = 3;
const LOOK_BACKOFF = { initialMs: 500, maxMs: 4_000 };

/**
 * Compares both sides' books and yields each difference; returns the summary. Participants are read before consumers.
 * What looks wrong is read again, in the same order, until it goes away or has stayed: on a live system a transaction
 * may be settled, or begun, between two reads.
 */
export async function* runAudit(
  sides: AuditSides,
  range: BookRange,
  signal: AbortSignal,
): AsyncGenerator<Difference, AuditSummary> {
  let transactions = 0;
  let pending = 0;
  let suspects: string[] = [];
  for await (const { participant, difference } of differences(sides, range, signal)) {
    if (participant) transactions += 1;
    if (participant?.outcome === 'PENDING') pending += 1;
    if (difference) suspects.push(difference.subject);
    if (suspects.length < SUSPECTS) continue;
    yield* confirm(sides, suspects, signal);
    suspects = [];
  }
  yield* confirm(sides, suspects, signal);
  const accounts = yield* auditTotals(sides, signal);
  return { transactions, pending, accounts };
}

interface Compared {
  readonly participant: BookEntry | undefined;
  readonly difference: Difference | undefined;
}

async function* differences(
  sides: AuditSides,
  range: BookRange,
  signal: AbortSignal,
): AsyncGenerator<Compared> {
  const participants = sides.participants.map((client) => readBooks(client, range, signal));
  const consumers = sides.consumers.map((client) => readBooks(client, range, signal));
  const left = mergeEntries(participants.map(({ entries }) => entries));
  const right = mergeEntries(consumers.map(({ entries }) => entries));
  for await (const [participant, consumer] of pairEntries(left, right)) {
    const forgottenBeforeMs = Math.max(0, ...consumers.map((books) => books.forgottenBeforeMs()));
    yield { participant, difference: compareEntries(participant, consumer, forgottenBeforeMs) };
  }
}

/** Reads suspects again, after a while, until they agree or have been looked at often enough. */
async function* confirm(
  sides: AuditSides,
  txNos: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Difference> {
  let remaining = txNos;
  for (let look = 1; remaining.length > 0; look += 1) {
    if (look > 1) await sleep(backoffDelayMs(look - 1, LOOK_BACKOFF), signal);
    const still: Difference[] = [];
    for await (const { difference } of differences(sides, { txNos: remaining }, signal)) {
      if (difference) still.push(difference);
    }
    if (look === LOOKS) yield* still;
    if (look === LOOKS || signal.aborted) return;
    remaining = still.map(({ subject }) => subject);
  }
}

async function* auditTotals(sides: AuditSides, signal: AbortSignal): AsyncGenerator<Difference, number> {
  const read = (clients: readonly LedgerClient[]) =>
    Promise.all(clients.map((client) => readTotals(client, signal)));
  const before = addTotals(await read(sides.participants));
  const consumerTotals = await read(sides.consumers);
  const consumers = addTotals(consumerTotals);
  const after = addTotals(await read(sides.participants));
  for (const totals of consumerTotals) {
    for (const { account, fault } of totals.values()) {
      if (fault !== '') yield { kind: 'FAULT', subject: account, atParticipant: '', atConsumer: fault };
    }
  }
  const none = { applied: 0n, pending: 0n };
  const accounts = new Set([...before.keys(), ...consumers.keys(), ...after.keys()]);
  for (const account of accounts) {
    const difference = compareTotals(
      account,
      before.get(account) ?? none,
      consumers.get(account) ?? none,
      after.get(account) ?? none,
    );
    if (difference) yield difference;
  }
  return accounts.size;
}
