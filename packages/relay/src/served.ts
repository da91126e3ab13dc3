import type { Logger } from '@txmsg/core';
import type { Subscriber, TransactionPublisher } from '@txmsg/rocketmq';
import { createCheckBackAnswer } from './check-back/answer-check-back.js';
import type { RelayConfig } from './config.js';
import type { Counters } from './counters.js';
import type { Services } from './domain/services.js';
import { createMembers, type Members } from './members.js';
import { type ServedParticipant, serveParticipant } from './participant.js';
import { createTopics, type Topics } from './topics.js';
import { reportToAll, type ServedConsumer, serveConsumer } from './watermark/consumers.js';
import { createWatermarkReports, type WatermarkReports } from './watermark/watermark-reports.js';

/** What serving works with. */
export interface ServedOptions {
  readonly config: RelayConfig;
  readonly counters: Counters;
  readonly logger: Logger;
  /** Of the outcomes. */
  readonly subscriber: Subscriber;
  /** Aborted at the relay's stop. */
  readonly signal: AbortSignal;
}

/** Whom a relay serves now, by name. The maps change with each update. */
export interface Served {
  readonly participants: ReadonlyMap<string, ServedParticipant>;
  readonly consumers: ReadonlyMap<string, ServedConsumer>;
  /** By topic. */
  readonly publishers: ReadonlyMap<string, TransactionPublisher>;
  readonly watermarks: WatermarkReports;
  /** The broker answered lately, for every topic. */
  readonly brokerAvailable: boolean;
  /** Calls the listener whenever `brokerAvailable` may have changed. */
  onBrokerChange(listener: () => void): void;
  /** Opens whoever has joined and closes whoever has left; what is in hand for them is finished meanwhile. */
  update(services: Services): void;
  /** Resolves when no participant has anything in hand, after the abort. */
  stopped(): Promise<void>;
  /** Stops answering check-backs. */
  closePublishers(): Promise<void>;
  /** Closes the clients of participants and consumers. */
  closeClients(): void;
}

type Participants = Members<readonly string[], ServedParticipant>;
type Consumers = Members<readonly string[], ServedConsumer>;

/** Makes a `Served` that serves nobody yet. */
export function createServed(options: ServedOptions): Served {
  const { config, logger } = options;
  const listeners: (() => void)[] = [];
  const tellBroker = () => listeners.forEach((listener) => void listener());
  const consumers: Consumers = createMembers({
    open: (name, addresses) => serveConsumer(name, addresses, config.participantTimeoutMs, logger),
    close: async (consumer) => consumer.close(),
  });
  const watermarks = createWatermarkReports(reportToAll(consumers.current), config.watermarkEveryMs, logger);
  const participants: Participants = createMembers({
    open: (name, addresses) =>
      serveParticipant(name, addresses, { ...options, watermarks, publishers: topics.publishers }),
    async close(participant, name) {
      await participant.stop();
      participant.close();
      if (!participants.current.has(name)) watermarks.forget(name);
    },
  });
  const topics = openTopics(options, participants, tellBroker);
  return {
    participants: participants.current,
    consumers: consumers.current,
    publishers: topics.publishers,
    watermarks,
    get brokerAvailable() {
      return [...topics.publishers.values()].every(({ available }) => available);
    },
    onBrokerChange: (listener) => void listeners.push(listener),
    update(services) {
      topics.update(services.topics);
      consumers.update(services.consumers);
      participants.update(services.participants);
      tellBroker();
    },
    async stopped() {
      await Promise.all([...participants.current.values()].map((participant) => participant.stop()));
      await participants.settled();
    },
    closePublishers: () => topics.close(),
    closeClients() {
      for (const member of [...participants.current.values(), ...consumers.current.values()]) member.close();
    },
  };
}

function openTopics(
  { config, counters, logger }: ServedOptions,
  participants: Participants,
  onAvailabilityChange: () => void,
): Topics {
  const check = createCheckBackAnswer({
    participants: participants.current,
    maxConcurrent: config.maxConcurrentChecks,
    counters,
    logger,
  });
  const onAvailable = () => participants.current.forEach(({ outbox }) => void outbox.wake());
  return createTopics({ config, check, onAvailable, onAvailabilityChange, logger });
}
