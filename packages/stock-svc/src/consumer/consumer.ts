import { createQuietLog } from '@txmsg/core';
import { createPublisher, createSubscriber } from '@txmsg/rocketmq';
import type { ServiceScope } from '@txmsg/service';
import type { Counters } from '../counters.js';
import { takeOverDeadLetters } from '../dead-letters/take-over-dead-letters.js';
import { floorReachMs } from '../domain/next-floor.js';
import { createGroupApplier } from './apply-group.js';
import type { ConsumerOptions } from './consumer-options.js';
import type { Delivery } from './delivery.js';
import { createFailureCounts } from './failure-counts.js';
import { type Handled, handleDecoded, handleDeliveries } from './handle-deliveries.js';
import { createKnownParticipants } from './known-participants.js';
import { createOutcomePublisher, type OutcomePublisher } from './publish-outcomes.js';
import { runReceiveLoop } from './receive-loop.js';
import { createSetAside } from './set-aside.js';

/** The consumer: it receives from its start on, while the gate is open. */
export interface Consumer {
  /** Handles deliveries that don't come from the broker, such as replayed dead letters. */
  handle(deliveries: readonly Delivery[]): Promise<readonly Handled[]>;
  readonly outcomes: OutcomePublisher;
  readonly counters: Counters;
  /** False while the database is away. */
  isReceiving(): boolean;
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
  const outcomes = createOutcomePublisher(publisher, config.resultTopic, config.consumer, logger);
  const parts = {
    database,
    applyGroup: createGroupApplier(database, {
      floorReachMs: floorReachMs(config.retentionIntervalMs, config.dbTimeoutMs),
      lockedRows: createQuietLog(logger, 'error'),
      unknownLock: createQuietLog(logger, 'error'),
      reportOutage: options.reportOutage,
    }),
    outcomes,
    participants: createKnownParticipants(database, createQuietLog(logger, 'error')),
    counters,
    logger,
    maxTransactions: config.maxTransactions,
    maxAttempts: config.maxAttempts,
    failures: createFailureCounts(),
    belowFloor: createQuietLog(logger, 'error'),
    badParticipant: createQuietLog(logger, 'error'),
    reportOutage: options.reportOutage,
  };
  const handle = (deliveries: readonly Delivery[]) => handleDeliveries(parts, deliveries);
  const { receiveMessages: maxMessages, invisibleMs } = config;
  const setAside = createSetAside({
    ...options,
    subscriber,
    handle: (deliveries) => handleDecoded(parts, deliveries),
  });
  const loopParts = { ...options, subscriber, handle, onLeft: setAside.add, maxMessages, invisibleMs };
  const loops = Array.from({ length: config.receiveLoops }, () => runReceiveLoop(loopParts, scope.signal));
  loops.push(setAside.run(scope.signal));
  if (config.drainDeadLetters) loops.push(takeOverDeadLetters(options, scope));
  scope.onStop('receive loops', async () => void (await Promise.all(loops)));
  return { handle, outcomes, counters, isReceiving: () => options.gate.isOpen };
}
