import { createQuietLog, createTurns, type Logger, type QuietLog, sleep } from '@txmsg/core';
import type { ReceivedMessage, Subscriber } from '@txmsg/rocketmq';
import type { Counters } from '../counters.js';
import { groupResults } from '../domain/group-results.js';
import { createPollPace } from '../domain/poll-pace.js';
import type { Lane } from './lane.js';
import { readResults } from './read-results.js';
import type { OutcomeGroup } from './settle.js';

const BATCH = 32;
const WAIT_MS = 20_000;
const PACE = { minMs: 200, maxMs: 5_000 };
/** A receive that found nothing within this time was no long poll. */
const QUICK_MS = 200;
/** How long a loop waits for a batch before it goes on and leaves it to the lanes of its participants. */
const PATIENCE_MS = 1_000;
/** Settling is tried for this part of the messages' hiding time; the rest is for the last try and the ack. */
const TRIED_PART = 0.75;
const FULL_POLL_MS = 100;

/** What settlement works with. */
export interface SettlementOptions {
  readonly subscriber: Subscriber;
  /** Those that are served now. */
  readonly participants: ReadonlyMap<string, { readonly lane: Lane }>;
  /** Batches handled at a time. */
  readonly concurrency: number;
  /** How long received outcomes stay hidden from other relays, in milliseconds; 10,000 at least. */
  readonly invisibleMs: number;
  readonly counters: Counters;
  readonly logger: Logger;
}

/** What the loops share. */
interface Loops extends SettlementOptions {
  readonly warn: QuietLog;
}

/**
 * Brings outcomes to their participants until the abort: receive, settle, ack. A participant that is unreachable or
 * slow keeps only its own lane busy. Outcomes for which its lane has no room are not acked and come again. While no
 * lane has room, nothing is received.
 */
export async function runSettlement(options: SettlementOptions, signal: AbortSignal): Promise<void> {
  const loops: Loops = { ...options, warn: createQuietLog(options.logger, 'warn') };
  await Promise.all(Array.from({ length: options.concurrency }, () => settlementLoop(loops, signal)));
}

async function settlementLoop(loops: Loops, signal: AbortSignal): Promise<void> {
  const { subscriber, invisibleMs, participants } = loops;
  const pace = createPollPace(PACE);
  while (!signal.aborted) {
    if ([...participants.values()].every(({ lane }) => lane.full)) {
      await sleep(FULL_POLL_MS, signal);
      continue;
    }
    const startedAt = performance.now();
    try {
      const messages = await subscriber.receive({ maxMessages: BATCH, invisibleMs, waitMs: WAIT_MS, signal });
      if (messages.length > 0) await handleBatch(messages, loops, signal);
      else if (performance.now() - startedAt < QUICK_MS) await sleep(QUICK_MS, signal);
      pace.after('more');
    } catch (error) {
      // The subscriber itself logs when the outage begins and ends.
      loops.logger.debug({ err: error }, 'no outcomes received');
      await sleep(pace.after('fault'), signal);
    }
  }
}

/** Waits for the batch, but not for long. Never rejects. */
async function handleBatch(
  messages: readonly ReceivedMessage[],
  loops: Loops,
  signal: AbortSignal,
): Promise<void> {
  const receivedMs = performance.now();
  const isPatient = () => performance.now() - receivedMs < PATIENCE_MS && !signal.aborted;
  const untilMs = receivedMs + TRIED_PART * loops.invisibleMs;
  const { batches, dropped } = await readBatch(messages, loops);
  const work = groupResults(batches).map(async (group) => {
    const lane = loops.participants.get(group.participant)?.lane;
    if (!lane) return dropForeign(group, loops);
    while (lane.full && !lane.failing && isPatient()) await sleep(FULL_POLL_MS, signal);
    if (lane.full) loops.counters.add('result_messages_left', group.batches.length);
    else await lane.take(group, untilMs);
  });
  if (dropped.length > 0) work.push(ackDropped(dropped, loops));
  const done = new AbortController();
  const all = Promise.all(work).finally(() => done.abort());
  await Promise.race([all, sleep(PATIENCE_MS, done.signal)]);
}

/**
 * The outcomes that can be brought, and the messages that can't be read. Expensive messages leave turns for other work.
 */
async function readBatch(messages: readonly ReceivedMessage[], { counters, warn }: Loops) {
  const batches = [];
  const dropped: ReceivedMessage[] = [];
  const turns = createTurns();
  for (const message of messages) {
    const turn = turns();
    if (turn) await turn;
    const decoded = readResults(message);
    const { messageId, body } = message;
    if ('fault' in decoded) {
      counters.add('result_messages_unreadable');
      warn({ err: decoded.fault, messageId, bytes: body.length }, 'unreadable outcomes dropped');
      dropped.push(message);
      continue;
    }
    const { batch, invalid } = decoded;
    if (invalid > 0) {
      counters.add('results_invalid', invalid);
      const fields = {
        participant: batch.participant,
        messageId,
        invalid,
        of: invalid + batch.results.length,
      };
      warn(fields, 'outcomes that break the contract are dropped');
    }
    if (batch.results.length > 0) batches.push(batch);
    else dropped.push(message);
  }
  return { batches, dropped };
}

async function dropForeign({ participant, batches, results }: OutcomeGroup, loops: Loops): Promise<void> {
  loops.counters.add('result_messages_foreign', batches.length);
  loops.warn(
    { participant, results: results.length },
    'outcomes of an unknown participant: is the group shared?',
  );
  await ackDropped(
    batches.map(({ message }) => message),
    loops,
  );
}

async function ackDropped(
  messages: readonly ReceivedMessage[],
  { subscriber, counters }: Loops,
): Promise<void> {
  const { failed } = await subscriber.ack(messages);
  counters.add('result_messages_acked', messages.length - failed.length);
}
