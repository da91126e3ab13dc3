import type { Logger } from '@txmsg/core';
import { createTransactionPublisher, type TransactionPublisher } from '@txmsg/rocketmq';
import type { AnswerCheckBack } from './check-back/answer-check-back.js';
import type { RelayConfig } from './config.js';
import { createMembers, type Members } from './members.js';

/** What the publishers of a relay's topics work with. */
export interface TopicParts {
  readonly config: RelayConfig;
  readonly check: AnswerCheckBack;
  /** Called when the broker is there again for a topic. */
  readonly onAvailable: () => void;
  /** Called when the broker comes or goes for a topic. */
  readonly onAvailabilityChange: () => void;
  readonly logger: Logger;
}

/** The publishers of the relay's topics, by topic. */
export interface Topics {
  readonly publishers: ReadonlyMap<string, TransactionPublisher>;
  update(topics: readonly string[]): void;
  /** Closes all publishers: takes no more check-backs, and waits for those in hand. */
  close(): Promise<void>;
}

/** Makes the publishers, none of them open. */
export function createTopics(parts: TopicParts): Topics {
  const members: Members<true, TransactionPublisher> = createMembers({
    open: (topic) => openPublisher(topic, parts),
    async close(publisher, topic) {
      await publisher
        .close()
        .catch((error) => parts.logger.warn({ err: error, topic }, 'publisher not closed'));
    },
  });
  const update = (topics: readonly string[]) => members.update(new Map(topics.map((topic) => [topic, true])));
  return {
    publishers: members.current,
    update,
    async close() {
      update([]);
      await members.settled();
    },
  };
}

function openPublisher(topic: string, parts: TopicParts): TransactionPublisher {
  const { config, check, logger } = parts;
  const publisher = createTransactionPublisher({
    endpoints: config.rocketmqEndpoints.join(';'),
    topic,
    logger,
    check,
    maxInFlight: config.brokerMaxInFlight,
    // Each participant's share bounds its own check-backs, and any number of participants may join.
    maxConcurrentChecks: Number.POSITIVE_INFINITY,
    checkTimeoutMs: 2 * config.participantTimeoutMs,
  });
  publisher.onAvailable(parts.onAvailable);
  publisher.onAvailabilityChange(parts.onAvailabilityChange);
  return publisher;
}
