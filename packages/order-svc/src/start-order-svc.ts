import { OrderService, RelayService } from '@txmsg/contracts';
import {
  createClientPool,
  createGrpcServer,
  createRequestValidator,
  type GrpcServer,
  type GrpcServerOptions,
  INTERNAL_LIMITS,
  type ServiceEntry,
  serviceEntry,
} from '@txmsg/grpc';
import {
  createDatabase,
  createDatabaseClock,
  createDatabaseMonitor,
  createServerCheck,
  type Database,
  type DatabaseMonitor,
  UnfitServerError,
} from '@txmsg/mysql';
import { createRelayLink, type RelayLink } from '@txmsg/outbox';
import type { ServiceScope } from '@txmsg/service';
import type { OrderConfig } from './config.js';
import { createOrderOutbox, type OrderOutbox } from './order-outbox.js';
import { orderCodecs } from './rpc/order-codecs.js';
import { createOrderService } from './rpc/order-service.js';
import { orderProbes } from './store/order-group.js';
import { orders, outbox as tables } from './store/schema.js';

/** A lock that is kept for longer belongs to a session that is stuck or gone, or to a backup. */
const LOCK_WAIT_SECONDS = 1;
/** For callers: three times a message of a bulk stream with as many orders as it may have. */
const MAX_PUBLIC_REQUEST_BYTES = 256 * 1024;

/** A running order service; it stops with its scope. */
export interface OrderSvc {
  readonly grpcPort: number;
  readonly internalPort: number;
}

/**
 * Starts the order service: it serves as soon as its ports are open, whatever the state of its database and of the relays.
 *
 * @throws UnfitServerError when the database is there and can't be used as it is
 */
export async function startOrderSvc(config: OrderConfig, scope: ServiceScope): Promise<OrderSvc> {
  const { signal, onStop } = scope;
  const parts = openParts(config, scope);
  const { monitor, outbox } = parts;
  try {
    await parts.look();
  } catch (error) {
    if (error instanceof UnfitServerError) throw error;
    monitor.reportOutage(error);
  }
  const running = Promise.all([monitor.run(signal), outbox.run(signal)]);
  onStop('loops', async () => void (await running));
  onStop('outbox', () => outbox.drain());
  signal.addEventListener('abort', () => outbox.stop(), { once: true });
  return openServers(config, scope, parts);
}

/** What the servers and loops of this process share. */
interface Parts extends OrderOutbox {
  readonly database: Database;
  readonly monitor: DatabaseMonitor;
  /** Looks whether the database can be used, and how late its clock is. */
  look(): Promise<void>;
  /** Those that are open so far; their health follows the database's. */
  readonly servers: GrpcServer[];
}

function openParts(config: OrderConfig, scope: ServiceScope): Parts {
  const { logger } = scope;
  const database = openDatabase(config, scope);
  const clock = createDatabaseClock(database);
  const servers: GrpcServer[] = [];
  const serverCheck = createServerCheck(
    database,
    [orders, tables.log, tables.marker],
    (error) => logger.error({ faults: error.faults }, 'the order database can not be used as it is'),
    tables.optionalColumns,
  );
  const monitor = createDatabaseMonitor(database, {
    async onPing() {
      await serverCheck.runAndTell();
      await clock.sync();
      await outbox.onPing();
    },
    onChange(available, error) {
      if (available) logger.info({}, 'order database is back');
      else if (!(error instanceof UnfitServerError)) logger.error({ err: error }, 'order database is away');
      for (const server of servers) server.setServing(available);
      if (!available) outbox.onDatabaseGone(error);
    },
  });
  const relay = openRelayLink(config, scope);
  const { outbox, path } = createOrderOutbox(config, { database, clock, monitor, relay, logger });
  const look = async () => {
    await serverCheck.run();
    await clock.sync();
    await outbox.onPing();
  };
  return { database, monitor, outbox, path, look, servers };
}

function openDatabase(
  { dbUrl, dbConnections, dbTimeoutMs }: OrderConfig,
  { logger, onStop }: ServiceScope,
): Database {
  const database = createDatabase({
    ...orderProbes,
    url: dbUrl,
    connections: dbConnections,
    timeoutMs: dbTimeoutMs,
    lockWaitSeconds: LOCK_WAIT_SECONDS,
    onServerChange: (server, before) =>
      logger.warn(
        { server, before },
        'the order database is another server: connections to the one before are closed',
      ),
  });
  onStop('database', () => database.close());
  return database;
}

function openRelayLink(
  { relayAddresses, relayTimeoutMs, relayMaxInFlight, participant }: OrderConfig,
  { logger, onStop }: ServiceScope,
): RelayLink {
  const relays = createClientPool(RelayService, relayAddresses, { timeoutMs: relayTimeoutMs });
  onStop('relay clients', () => relays.close());
  const relay = createRelayLink(relays, { participant, maxInFlight: relayMaxInFlight, logger });
  onStop('relay link', () => relay.drain());
  return relay;
}

async function openServers(config: OrderConfig, scope: ServiceScope, parts: Parts): Promise<OrderSvc> {
  const { database, monitor, outbox, path, servers } = parts;
  const open = async (
    name: string,
    entries: readonly ServiceEntry[],
    options: Omit<GrpcServerOptions, 'logger'>,
  ) => {
    const server = await createGrpcServer(entries, { ...options, logger: scope.logger });
    servers.push(server);
    server.setServing(monitor.available);
    scope.onStop(name, () => server.close(config.graceMs));
    return server.port;
  };
  const internalPort = await open('internal server', outbox.entries, {
    host: config.internalHost,
    port: config.internalPort,
    limits: INTERNAL_LIMITS,
  });
  const validator = createRequestValidator();
  const orderService = createOrderService({ database, path, validator, guard: outbox.guard });
  const grpcPort = await open('public server', [serviceEntry(OrderService, orderService, orderCodecs)], {
    host: config.host,
    port: config.grpcPort,
    maxRequestBytes: MAX_PUBLIC_REQUEST_BYTES,
  });
  return { grpcPort, internalPort };
}
