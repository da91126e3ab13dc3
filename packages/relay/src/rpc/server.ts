import { RelayAdminService, RelayService } from '@txmsg/contracts';
import type { Logger } from '@txmsg/core';
import { createGrpcServer, type GrpcServer, INTERNAL_LIMITS, serviceEntry } from '@txmsg/grpc';
import type { RelayConfig } from '../config.js';
import type { Counters } from '../counters.js';
import type { Served } from '../served.js';
import { createRelayAdminService } from './relay-admin-service.js';
import { createRelayService } from './relay-service.js';

const MAX_REQUEST_BYTES = 5 * 1024 * 1024;
/** The name under which grpc.health.v1 tells the broker's state. */
const BROKER_HEALTH = 'broker';

/** What the server works with. */
export interface ServerOptions {
  readonly config: RelayConfig;
  readonly counters: Counters;
  readonly logger: Logger;
  readonly served: Served;
}

/** Starts the server of both services; whoever started it closes it. */
export async function openServer({ config, counters, logger, served }: ServerOptions): Promise<GrpcServer> {
  const service = createRelayService({
    publishers: served.publishers,
    isParticipant: (name) => served.participants.has(name),
    brokerTimeoutMs: config.brokerTimeoutMs,
    onPrepareFailed: (participant) => served.participants.get(participant)?.outbox.wake(),
    counters,
  });
  const admin = createRelayAdminService({
    participants: served.participants,
    consumers: served.consumers,
    publishers: served.publishers,
    brokerAvailable: () => served.brokerAvailable,
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
  const tellHealth = () => server.setServing(served.brokerAvailable, BROKER_HEALTH);
  served.onBrokerChange(tellHealth);
  tellHealth();
  return server;
}
