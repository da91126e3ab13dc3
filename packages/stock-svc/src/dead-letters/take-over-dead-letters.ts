import { createQuietLog, type Logger, sleep } from '@txmsg/core';
import { createSubscriber, isGroupNotFound } from '@txmsg/rocketmq';
import type { ServiceScope } from '@txmsg/service';
import type { ConsumerOptions } from '../consumer/consumer-options.js';
import type { Delivery } from '../consumer/delivery.js';
import { type ReceiveLoopParts, receiveOnce } from '../consumer/receive-loop.js';
import { storeLetters } from './store-letters.js';

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
export async function takeOverDeadLetters(
  options: ConsumerOptions,
  { signal }: Pick<ServiceScope, 'signal'>,
): Promise<void> {
  const { config } = options;
  const onReceiveFailed = createMissingGroupAlarm(options);
  // That the topic isn't there yet is nothing to warn of.
  const logger = onlyErrors(options.logger);
  while (!signal.aborted) {
    await options.gate.passable(signal);
    const subscriber = createSubscriber({
      endpoints: config.rocketmqEndpoints.join(';'),
      topic: deadLetterTopic(config.consumerGroup),
      group: deadLetterGroup(config.consumerGroup),
      logger,
    });
    await receiveWhileThere({ ...options, logger, subscriber, onReceiveFailed }, signal);
    await subscriber.close();
    await sleep(config.deadLetterIntervalMs, signal);
  }
}

/** Returns when the topic isn't there, when something failed, or at the abort. */
async function receiveWhileThere(
  options: ConsumerOptions & Pick<ReceiveLoopParts, 'subscriber' | 'onReceiveFailed'>,
  signal: AbortSignal,
): Promise<void> {
  const parts: ReceiveLoopParts = {
    ...options,
    handle: (deliveries) => storeAll(options, deliveries),
    maxMessages: options.config.receiveMessages,
    invisibleMs: options.config.invisibleMs,
    waitMs: WAIT_MS,
  };
  for (let ok = true; ok && !signal.aborted; ) {
    await parts.gate.passable(signal);
    ok = await receiveOnce(parts, signal);
  }
}

/** The broker doesn't make groups by itself, as in production: without this one its dead letters are never seen. */
function createMissingGroupAlarm({ config, logger }: ConsumerOptions): (error: unknown) => void {
  const tell = createQuietLog(logger, 'error', MISSING_GROUP_TOLD_EVERY_MS);
  const group = deadLetterGroup(config.consumerGroup);
  return (error) => {
    if (isGroupNotFound(error))
      tell({ err: error, group }, 'the group for the dead letters of the broker is missing');
  };
}

async function storeAll(
  options: ConsumerOptions,
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
