import { status as Code, type ServiceError } from '@grpc/grpc-js';
import type { TxResult } from '@txmsg/contracts/message';
import type { ReceivedMessage, Subscriber } from '@txmsg/rocketmq';
import { failpoint, sleep, TxmsgError } from '@txmsg/service';
import { groupResults, type ParticipantResults } from '../domain/group-results.js';
import { createPollPace } from '../domain/poll-pace.js';
import { decodeResults } from './decode-results.js';
import { type SettleOptions, settle } from './settle.js';

const BATCH = 32;
const WAIT_MS = 20_000;
const PACE = { minMs: 200, maxMs: 5_000 };
/** A receive that found nothing sooner than this was no long poll. */
const QUICK_MS = 200;
const ATTEMPTS_MAX = 3;

/** What settlement works with. */
export interface SettlementOptions extends SettleOptions {
  readonly subscriber: Subscriber;
  /** Batches handled at a time. */
  readonly concurrency: number;
  /** How long received outcomes stay hidden from other relays, in milliseconds; 10,000 at least. */
  readonly invisibleMs: number;
}

type Group = ParticipantResults<ReceivedMessage, TxResult>;

/**
 * Brings outcomes to their participants until the abort: receive, settle, ack. What a participant can't take now is
 * not acked and comes again; when no participant of a batch can, nothing more is received until one can.
 */
export async function runSettlement(options: SettlementOptions, signal: AbortSignal): Promise<void> {
  await Promise.all(Array.from({ length: options.concurrency }, () => settlementLoop(options, signal)));
}

async function settlementLoop(options: SettlementOptions, signal: AbortSignal): Promise<void> {
  const pace = createPollPace(PACE);
  while (!signal.aborted) {
    const startedAt = performance.now();
    try {
      const { subscriber, invisibleMs } = options;
      const messages = await subscriber.receive({ maxMessages: BATCH, invisibleMs, waitMs: WAIT_MS, signal });
      if (messages.length > 0) await handleBatch(messages, options, signal);
      else if (performance.now() - startedAt < QUICK_MS) await sleep(QUICK_MS, signal);
      pace.after('more');
    } catch (error) {
      // The subscriber itself tells of the outage's begin and end.
      options.logger.debug({ err: error }, 'no outcomes received');
      await sleep(pace.after('fault'), signal);
    }
  }
}

/** Never rejects. */
async function handleBatch(
  messages: readonly ReceivedMessage[],
  options: SettlementOptions,
  signal: AbortSignal,
): Promise<void> {
  const { subscriber, counters, logger } = options;
  const decoded = messages.map(decodeResults);
  const unreadable = decoded.flatMap((result) => ('fault' in result ? [result] : []));
  for (const { message, fault } of unreadable) {
    counters.add('result_messages_unreadable');
    logger.error(
      { err: fault, messageId: message.messageId, bytes: message.body.length },
      'unreadable outcomes dropped',
    );
  }
  const groups = groupResults(decoded.flatMap((result) => ('batch' in result ? [result.batch] : [])));
  const settled = await settleSome(groups, options, signal);
  await failpoint('relay.settled');
  const done = [...unreadable.map(({ message }) => message), ...settled.flatMap((group) => group.messages)];
  const { failed } = await subscriber.ack(done);
  counters.add('result_messages_acked', done.length - failed.length);
  if (failed.length > 0) logger.debug({ failed: failed.length }, 'outcomes come again, as their ack failed');
}

/**
 * The groups that were settled: as many as can be. While none can because of an outage it waits for its end; what
 * fails for another reason is left, and comes again.
 */
async function settleSome(
  groups: readonly Group[],
  options: SettlementOptions,
  signal: AbortSignal,
): Promise<readonly Group[]> {
  const pace = createPollPace(PACE);
  for (let attempt = 1; groups.length > 0 && !signal.aborted; attempt += 1) {
    const outcomes = await Promise.allSettled(groups.map((group) => settle(group, options)));
    const settled = groups.filter((_, index) => outcomes[index]?.status === 'fulfilled');
    const faults = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    if (faults.length > 0 && attempt === 1) {
      options.logger.warn(
        { err: faults[0], settled: settled.length, of: groups.length },
        'outcomes not taken yet',
      );
    }
    if (settled.length > 0 || (attempt >= ATTEMPTS_MAX && !faults.some(isOutage))) return settled;
    await sleep(pace.after('fault'), signal);
  }
  return [];
}

const OUTAGES: ReadonlySet<unknown> = new Set([
  Code.UNAVAILABLE,
  Code.DEADLINE_EXCEEDED,
  Code.RESOURCE_EXHAUSTED,
]);

function isOutage(error: unknown): boolean {
  // A TxmsgError comes from the client pool: every replica's circuit is open.
  return error instanceof TxmsgError || OUTAGES.has((error as ServiceError).code);
}
