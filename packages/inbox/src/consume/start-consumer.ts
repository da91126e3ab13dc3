import { createQuietLog, type Logger } from '@txmsg/core';
import type { Database } from '@txmsg/mysql';
import { createPublisher, createSubscriber } from '@txmsg/rocketmq';
import { floorReachMs } from '../domain/next-floor.js';
import type { ContentOf } from '../domain/transaction.js';
import type { InboxLimits } from '../inbox-limits.js';
import type { InboxStore } from '../store/inbox-store.js';
import { createEachApplier } from './apply-each.js';
import { createGroupApplier } from './apply-group.js';
import type { Counters } from './counters.js';
import { createDecodeMessage, type DecodedDelivery, type DecodeMessage, type Delivery } from './delivery.js';
import { createFailureCounts } from './failure-counts.js';
import type { Gate } from './gate.js';
import { type Handled, type HandlerParts, handleDecoded, handleDeliveries } from './handle-deliveries.js';
import type { EachRegistration, GroupRegistration } from './handlers.js';
import { createInFlight } from './in-flight.js';
import { createKnownParticipants } from './known-participants.js';
import { createLoopHandler, type LoopResult } from './loop-handler.js';
import { createOutcomePublisher, type OutcomePublisher } from './publish-outcomes.js';
import { type ReceiveLoopParts, runReceiveLoop } from './receive-loop.js';
import { createSetAside } from './set-aside.js';
import { takeOverDeadLetters } from './take-over-dead-letters.js';

/** Ends what runs in it: the signal first, then what was registered, in reverse order. */
export interface ConsumerScope {
  readonly signal: AbortSignal;
  onStop(name: string, close: () => Promise<void> | void): void;
}

/** What the consumer is made from. */
export interface ConsumerParts {
  readonly database: Database;
  readonly consumer: string;
  readonly endpoints: string;
  readonly resultTopic: string;
  readonly consumerGroup: string | ((topic: string) => string);
  readonly limits: InboxLimits;
  readonly store: InboxStore;
  readonly contentOf: ContentOf;
  readonly groups: readonly GroupRegistration[];
  readonly eachs: readonly EachRegistration[];
  readonly failpoints?: string;
  readonly gate: Gate;
  readonly reportOutage: (error: unknown) => void;
  readonly counters: Counters;
  readonly logger: Logger;
}

/** The consumer: it receives from its start on, while the gate is open. */
export interface Consumer {
  /** Handles deliveries that don't come from the broker, such as replayed dead letters. */
  handle(deliveries: readonly Delivery[]): Promise<readonly Handled[]>;
  readonly decode: DecodeMessage;
  readonly outcomes: OutcomePublisher;
}

/**
 * Starts the consumer's clients and receive loops; the scope stops them: loops first, then clients.
 *
 * @throws RangeError when two topics have the same consumer group
 */
export function startConsumer(parts: ConsumerParts, scope: ConsumerScope): Consumer {
  const { endpoints, resultTopic, logger, consumer } = parts;
  const types = [...parts.groups, ...parts.eachs].map(({ type }) => type);
  const groups = groupsByTopic(types, parts.consumerGroup);
  const publisher = createPublisher({ endpoints, topic: resultTopic, logger });
  scope.onStop('result publisher', () => publisher.close());
  const outcomes = createOutcomePublisher(publisher, resultTopic, consumer, logger);
  const decode = createDecodeMessage(types);
  const handling = handlerParts(parts, decode, outcomes, scope.signal);
  for (const [topic, group] of groups) receiveFrom({ topic, group }, parts, handling, scope);
  return { handle: (deliveries) => handleDeliveries(handling, deliveries), decode, outcomes };
}

/** The broker takes the topic of a group's last client for that of all of them. */
function groupsByTopic(
  types: readonly { readonly topic: string }[],
  consumerGroup: ConsumerParts['consumerGroup'],
): ReadonlyMap<string, string> {
  const topics = new Set(types.map(({ topic }) => topic));
  const groupOf = typeof consumerGroup === 'string' ? () => consumerGroup : consumerGroup;
  const groups = new Map([...topics].map((topic) => [topic, groupOf(topic)]));
  if (new Set(groups.values()).size < topics.size)
    throw new RangeError(`topics ${[...topics].join(', ')} need a consumer group each`);
  return groups;
}

function handlerParts(
  parts: ConsumerParts,
  decode: DecodeMessage,
  outcomes: OutcomePublisher,
  stopping: AbortSignal,
): HandlerParts {
  const { database, store, limits, logger } = parts;
  const applyGroup = createGroupApplier({
    ...parts,
    floorReachMs: floorReachMs(limits.retentionIntervalMs, limits.transactionMs),
    lockedRows: createQuietLog(logger, 'error'),
    unknownLock: createQuietLog(logger, 'error'),
  });
  const { retentionIntervalMs } = limits;
  const applyEach =
    parts.eachs.length > 0 ? createEachApplier({ ...parts, retentionIntervalMs, stopping }) : undefined;
  return {
    ...parts,
    applyGroup,
    applyEach,
    decode,
    outcomes,
    participants: createKnownParticipants(database, store.watermarks, createQuietLog(logger, 'error')),
    maxTransactions: limits.maxTransactions,
    maxAttempts: limits.maxAttempts,
    failures: createFailureCounts(),
    belowFloor: createQuietLog(logger, 'error'),
    badParticipant: createQuietLog(logger, 'error'),
  };
}

/** Starts the loops of one topic. */
function receiveFrom(
  { topic, group }: { readonly topic: string; readonly group: string },
  parts: ConsumerParts,
  handling: HandlerParts,
  scope: ConsumerScope,
): void {
  const { endpoints, limits, logger } = parts;
  const subscriber = createSubscriber({ endpoints, topic, group, logger });
  scope.onStop('message subscriber', () => subscriber.close());
  const handle = (deliveries: readonly DecodedDelivery[]) => handleDecoded(handling, deliveries);
  const setAside = createSetAside({ ...parts, subscriber, handle });
  const receiving = { maxMessages: limits.receiveMessages, invisibleMs: limits.invisibleMs };
  const inFlight = createInFlight({ ...parts, ...receiving, subscriber, handle });
  const loopParts: ReceiveLoopParts<LoopResult> = {
    ...parts,
    ...receiving,
    subscriber,
    handle: createLoopHandler(handling, inFlight),
    room: (signal) => inFlight.room(signal),
    onLeft(message, handled, hiddenUntilMs) {
      if ('judgement' in handled) setAside.add(message, handled, hiddenUntilMs);
    },
  };
  const loops = Array.from({ length: limits.receiveLoops }, () => runReceiveLoop(loopParts, scope.signal));
  loops.push(setAside.run(scope.signal));
  if (limits.drainDeadLetters) {
    const takeOver = { ...parts, ...receiving, group, intervalMs: limits.deadLetterIntervalMs };
    loops.push(takeOverDeadLetters(takeOver, scope.signal));
  }
  scope.onStop('receive loops', async () => {
    await Promise.all(loops);
    await inFlight.idle();
  });
}
