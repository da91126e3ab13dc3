import type { Database } from '@txmsg/mysql';
import { createPublisher, createSubscriber } from '@txmsg/rocketmq';
import type { Logger, ServiceScope } from '@txmsg/service';
import type { StockConfig } from '../config.js';
import type { Counters } from '../counters.js';
import type { Delivery } from './delivery.js';
import type { Gate } from './gate.js';
import { type Handled, handleDeliveries } from './handle-deliveries.js';
import { createKnownParticipants } from './known-participants.js';
import { createOutcomePublisher, type OutcomePublisher } from './publish-outcomes.js';
import { type ReceiveLoopParts, runReceiveLoop } from './receive-loop.js';

/** What the consumer is made from. */
export interface ConsumerOptions {
  readonly config: StockConfig;
  readonly database: Database;
  readonly gate: Gate;
  readonly reportOutage: (error: unknown) => void;
  readonly counters: Counters;
  readonly logger: Logger;
}

/** The consumer: it receives from its start on, while the gate is open. */
export interface Consumer {
  /** Handles deliveries that don't come from the broker, such as replayed dead letters. */
  handle(deliveries: readonly Delivery[]): Promise<readonly Handled[]>;
  readonly outcomes: OutcomePublisher;
}

/**
 * Handles what the broker has given up on, which happens when a message was left for redelivery too often. Nobody
 * delivers it again, so what still can't be applied goes to our dead letters.
 */
function drainBrokerDeadLetters(
  parts: Omit<ReceiveLoopParts, 'subscriber'> & Pick<ConsumerOptions, 'config'>,
  scope: ServiceScope,
): Promise<void> {
  const { config, handle } = parts;
  // The topic doesn't exist before the first such message: that it can't be received from is nothing to warn of.
  const logger = parts.logger.child({ part: 'broker dead letters' }, { level: 'error' });
  const subscriber = createSubscriber({
    endpoints: config.rocketmqEndpoints.join(';'),
    topic: `%DLQ%${config.consumerGroup}`,
    group: `${config.consumerGroup}-dlq`,
    logger,
  });
  scope.onStop('dead letter subscriber', () => subscriber.close());
  return runReceiveLoop(
    {
      ...parts,
      logger,
      subscriber,
      handle: (deliveries) =>
        handle(deliveries.map((one) => ({ ...one, attempt: Number.POSITIVE_INFINITY }))),
    },
    scope.signal,
  );
}

/** Starts the consumer's clients and receive loops; the scope stops them: loops first, then clients. */
export function startConsumer(options: ConsumerOptions, scope: ServiceScope): Consumer {
  const { config, database, counters, logger } = options;
  const endpoints = config.rocketmqEndpoints.join(';');
  const publisher = createPublisher({ endpoints, topic: config.resultTopic, logger });
  scope.onStop('result publisher', () => publisher.close());
  const subscriber = createSubscriber({
    endpoints,
    topic: config.messageTopic,
    group: config.consumerGroup,
    logger,
  });
  scope.onStop('message subscriber', () => subscriber.close());
  const outcomes = createOutcomePublisher(publisher, config.resultTopic, logger);
  const parts = {
    database,
    outcomes,
    participants: createKnownParticipants(database),
    counters,
    logger,
    maxTransactions: config.maxTransactions,
    maxAttempts: config.maxAttempts,
  };
  const handle = (deliveries: readonly Delivery[]) => handleDeliveries(parts, deliveries);
  const loopParts = { ...options, subscriber, handle, invisibleMs: config.invisibleMs };
  const loops = Array.from({ length: config.receiveLoops }, () => runReceiveLoop(loopParts, scope.signal));
  if (config.drainDeadLetters) loops.push(drainBrokerDeadLetters(loopParts, scope));
  scope.onStop('receive loops', async () => void (await Promise.all(loops)));
  return { handle, outcomes };
}
