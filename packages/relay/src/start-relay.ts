import { RelayAdminService, RelayService, TransactionLedger } from '@txmsg/contracts';
import {
  createClientPool,
  createGrpcServer,
  type GrpcServer,
  INTERNAL_LIMITS,
  serviceEntry,
} from '@txmsg/grpc';
import { createSubscriber, createTransactionPublisher, type TransactionPublisher } from '@txmsg/rocketmq';
import type { ServiceScope } from '@txmsg/service';
import { checkBacksInHand, createCheckBackAnswer } from './check-back/answer-check-back.js';
import type { RelayConfig } from './config.js';
import { type Counters, createCounters } from './counters.js';
import { createOutbox, type Outbox } from './outbox/outbox.js';
import { createParticipants, type ParticipantPool } from './participants.js';
import { createRelayAdminService, type RelayAdminOptions } from './rpc/relay-admin-service.js';
import { createRelayService } from './rpc/relay-service.js';
import { runSettlement } from './settlement/settlement.js';
import { createConsumers } from './watermark/report-to-consumers.js';
import { createWatermarks, type Watermarks } from './watermark/watermark.js';

const MAX_REQUEST_BYTES = 5 * 1024 * 1024;
/** The name under which grpc.health.v1 tells the broker's state. */
export const BROKER_HEALTH = 'broker';

/** A running relay; it stops with its scope. */
export interface Relay {
  readonly port: number;
  readonly counters: Counters;
}

/** What the parts of a relay share. */
interface Parts {
  readonly config: RelayConfig;
  readonly scope: ServiceScope;
  readonly counters: Counters;
  readonly participants: ReadonlyMap<string, ParticipantPool>;
  readonly publishers: ReadonlyMap<string, TransactionPublisher>;
}

/**
 * Starts a relay: serves as soon as its port is open, whatever the state of the broker and of the participants. Stops
 * in reverse: no new calls, loops finish what they hold, then broker and participants are left.
 */
export async function startRelay(config: RelayConfig, scope: ServiceScope): Promise<Relay> {
  const { logger, onStop, signal } = scope;
  const counters = createCounters();
  onStop('counters', () => logger.info(counters.snapshot(), 'counters'));
  const participants = createParticipants(config.participants, config.participantTimeoutMs);
  onStop('participants', () => participants.forEach((pool) => void pool.close()));
  const consumers = createConsumers(config.consumers, config.participantTimeoutMs);
  onStop('consumers', () => consumers.close());
  const publishers = openPublishers(config, scope, counters, participants);
  const parts: Parts = { config, scope, counters, participants, publishers };

  const watermarks = createWatermarks(consumers.reportWatermark, config.watermarkEveryMs, logger);
  const outboxes = createOutboxes(parts, watermarks);
  const running = [
    watermarks.run(signal),
    startSettlement(parts),
    ...[...outboxes.values()].map((o) => o.run(signal)),
  ];
  onStop('loops', async () => void (await Promise.all(running)));

  const server = await openServer(parts, outboxes);
  return { port: server.port, counters };
}

function openPublishers(
  config: RelayConfig,
  { logger, onStop }: ServiceScope,
  counters: Counters,
  participants: ReadonlyMap<string, ParticipantPool>,
): ReadonlyMap<string, TransactionPublisher> {
  const { maxConcurrentChecks: maxConcurrent } = config;
  const check = createCheckBackAnswer({ participants, maxConcurrent, counters, logger });
  const open = (topic: string): TransactionPublisher =>
    createTransactionPublisher({
      endpoints: config.rocketmqEndpoints.join(';'),
      topic,
      logger,
      check,
      maxInFlight: config.brokerMaxInFlight,
      maxConcurrentChecks: checkBacksInHand(participants.size, maxConcurrent),
      checkTimeoutMs: 2 * config.participantTimeoutMs,
    });
  const publishers = new Map(config.messageTopics.map((topic) => [topic, open(topic)]));
  onStop('publishers', async () => void (await Promise.all([...publishers.values()].map((p) => p.close()))));
  return publishers;
}

function createOutboxes(
  { config, scope, counters, participants, publishers }: Parts,
  watermarks: Watermarks,
): ReadonlyMap<string, Outbox> {
  const outboxes = new Map<string, Outbox>();
  for (const [participant, pool] of participants) {
    const outbox = createOutbox({
      participant,
      pool,
      publishers,
      batch: config.outboxBatch,
      concurrency: config.outboxConcurrency,
      timeoutMs: config.brokerTimeoutMs,
      pace: { minMs: config.outboxMinPollMs, maxMs: config.outboxMaxPollMs },
      onOldestUnsettled: watermarks.observe,
      counters,
      logger: scope.logger,
    });
    for (const publisher of publishers.values()) publisher.onAvailable(() => outbox.wake());
    outboxes.set(participant, outbox);
  }
  return outboxes;
}

function startSettlement({ config, scope, counters, participants }: Parts): Promise<void> {
  const { logger, onStop, signal } = scope;
  const subscriber = createSubscriber({
    endpoints: config.rocketmqEndpoints.join(';'),
    topic: config.resultTopic,
    group: config.resultGroup,
    logger,
  });
  onStop('subscriber', () => subscriber.close());
  const { settleConcurrency: concurrency, invisibleMs } = config;
  const options = { subscriber, participants, concurrency, invisibleMs, counters, logger };
  return runSettlement(options, signal);
}

/** Clients of the books of all participants and consumers, for the audit. */
function openLedgers({ config, scope }: Parts): Pick<RelayAdminOptions, 'participants' | 'consumers'> {
  const open = (addresses: ReadonlyMap<string, readonly string[]>) =>
    new Map([...addresses].map(([name, replicas]) => [name, createClientPool(TransactionLedger, replicas)]));
  const ledgers = { participants: open(config.participants), consumers: open(config.consumers) };
  scope.onStop('ledgers', () => {
    for (const pool of [...ledgers.participants.values(), ...ledgers.consumers.values()]) pool.close();
  });
  return ledgers;
}

async function openServer(parts: Parts, outboxes: ReadonlyMap<string, Outbox>): Promise<GrpcServer> {
  const { config, scope, counters, participants, publishers } = parts;
  const { logger, onStop } = scope;
  const service = createRelayService({
    publishers,
    isParticipant: (name) => participants.has(name),
    brokerTimeoutMs: config.brokerTimeoutMs,
    onPrepareFailed: (participant) => outboxes.get(participant)?.wake(),
    counters,
  });
  const admin = createRelayAdminService({
    ...openLedgers(parts),
    brokerAvailable: () => [...publishers.values()].every(({ available }) => available),
    counters,
  });
  const services = [serviceEntry(RelayService, service), serviceEntry(RelayAdminService, admin)];
  const server = await createGrpcServer(services, {
    host: config.host,
    port: config.grpcPort,
    logger,
    maxRequestBytes: MAX_REQUEST_BYTES,
    limits: INTERNAL_LIMITS,
  });
  onStop('server', () => server.close(config.graceMs));
  const all = [...publishers.values()];
  const tellHealth = () =>
    server.setServing(
      all.every(({ available }) => available),
      BROKER_HEALTH,
    );
  for (const publisher of all) publisher.onAvailabilityChange(tellHealth);
  tellHealth();
  return server;
}
