import { createQuietLog, type Logger, sleep } from '@txmsg/core';
import { createSubscriber, isGroupNotFound, type Subscriber } from '@txmsg/rocketmq';
import type { Counters } from './counters.js';
import type { Delivery } from './delivery.js';
import type { Gate } from './gate.js';
import { receiveOnce } from './receive-loop.js';
import { type LetterParts, storeLetters } from './store-letters.js';

/** What taking over works with. */
export interface TakeOverParts extends LetterParts {
  /** Of the broker. */
  readonly endpoints: string;
  /** The consumer group whose dead letters are taken over. */
  readonly group: string;
  /** Closed while the database is away. */
  readonly gate: Gate;
  readonly counters: Counters;
  readonly reportOutage: (error: unknown) => void;
  readonly maxMessages: number;
  readonly invisibleMs: number;
  /** Between two looks for the topic while the broker has none, in milliseconds. */
  readonly intervalMs: number;
}

const WAIT_MS = 5_000;
const MISSING_GROUP_TOLD_EVERY_MS = 3_600_000;

/** The broker's topic of what it has given up on for a consumer group; it exists since the first such message. */
export function deadLetterTopic(consumerGroup: string): string {
  return `%DLQ%${consumerGroup}`;
}

/**
 * The group that receives from it. Not the consumer group itself: a message keeps its count of deliveries, so that the
 * proxy would give it up again. This group must allow more redeliveries than the other by three at least.
 */
export function deadLetterGroup(consumerGroup: string): string {
  return `${consumerGroup}-dlq`;
}

/**
 * Brings what the broker has given up on to our dead letters, with reason BROKER_DEAD_LETTER, until the abort. It is
 * stored and not handled: what brought a message there may be what it does to whoever handles it.
 */
export async function takeOverDeadLetters(options: TakeOverParts, signal: AbortSignal): Promise<void> {
  const { endpoints, group } = options;
  const onReceiveFailed = createMissingGroupAlarm(options);
  // That the topic isn't there yet is nothing to warn of.
  const logger = onlyErrors(options.logger);
  while (!signal.aborted) {
    await options.gate.passable(signal);
    const subscriber = createSubscriber({
      endpoints,
      topic: deadLetterTopic(group),
      group: deadLetterGroup(group),
      logger,
    });
    await receiveWhileThere({ ...options, logger }, { subscriber, onReceiveFailed }, signal);
    await subscriber.close();
    await sleep(options.intervalMs, signal);
  }
}

/** Returns when the topic isn't there, when something failed, or at the abort. */
async function receiveWhileThere(
  options: TakeOverParts,
  receiving: { readonly subscriber: Subscriber; readonly onReceiveFailed: (error: unknown) => void },
  signal: AbortSignal,
): Promise<void> {
  const handle = (deliveries: readonly Delivery[]) => storeAll(options, deliveries);
  const parts = { ...options, ...receiving, handle, waitMs: WAIT_MS };
  for (let ok = true; ok && !signal.aborted; ) {
    await parts.gate.passable(signal);
    ok = await receiveOnce(parts, signal);
  }
}

/** The broker doesn't make groups by itself, as in production: without this one its dead letters are never seen. */
function createMissingGroupAlarm({ group: consumerGroup, logger }: TakeOverParts): (error: unknown) => void {
  const tell = createQuietLog(logger, 'error', MISSING_GROUP_TOLD_EVERY_MS);
  const group = deadLetterGroup(consumerGroup);
  return (error) => {
    if (isGroupNotFound(error))
      tell({ err: error, group }, 'the group for the dead letters of the broker is missing');
  };
}

async function storeAll(
  options: TakeOverParts,
  deliveries: readonly Delivery[],
): Promise<{ readonly done: boolean }[]> {
  const letters = deliveries.map((delivery) => ({
    ...delivery,
    reason: 'BROKER_DEAD_LETTER',
    detail: `given up by the broker, delivered ${delivery.attempt - 1} times`,
  }));
  const { stored, outage } = await storeLetters(options, letters);
  if (outage !== undefined) options.reportOutage(outage);
  return letters.map((letter) => ({ done: stored.has(letter) }));
}

function onlyErrors(logger: Logger): Logger {
  const drop = () => {};
  const error = (fields: object, message: string) =>
    logger.error({ part: 'broker dead letters', ...fields }, message);
  return { debug: drop, info: drop, warn: drop, error };
}
