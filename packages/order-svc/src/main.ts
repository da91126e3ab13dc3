import { OrderService, RelayService, TransactionLedger, TransactionParticipant } from '@txmsg/contracts';
import { armFailpoints } from '@txmsg/core';
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
  type DatabaseClock,
  type DatabaseMonitor,
  type ServerCheck,
  UnfitServerError,
} from '@txmsg/mysql';
import { createLogger, loadConfig, runService, type ServiceScope } from '@txmsg/service';
import { orderContradictions, orderSettings } from './config.js';
import { createParticipant, type Participant } from './participant/participant.js';
import { runRetention } from './retention/retention.js';
import { createLedgerService } from './rpc/ledger-service.js';
import { orderCodecs } from './rpc/order-codecs.js';
import { createOrderService } from './rpc/order-service.js';
import { createParticipantService } from './rpc/participant-service.js';
import * as schema from './store/schema.js';
import { writeProbe, writeProbes } from './store/write-probes.js';
import { createGroupQueue, type GroupQueue } from './submit/group-queue.js';
import { createOutcomeWatcher, type OutcomeWatcher } from './submit/outcome-watcher.js';
import { unavailable } from './submit/refusals.js';
import { createRelayLink, type RelayLink } from './submit/relay-link.js';
import { createSubmitter, type Submitter } from './submit/submitter.js';
import { createGroupWriter } from './submit/write-group.js';

const WATCH_POLL_MS = 500;
/** A lock that is kept for longer belongs to a session that is stuck or gone, or to a backup. */
const LOCK_WAIT_SECONDS = 1;
/** Callers often have a deadline of 5 s, and are better told UNAVAILABLE than nothing. */
const ANSWER_WITHIN_MS = 3_500;
/** For callers: three times a message of a bulk stream with as many orders as it may have. */
const MAX_PUBLIC_REQUEST_BYTES = 256 * 1024;

const config = loadConfig(orderSettings, process.env, orderContradictions);
const logger = createLogger('order-svc', config.logLevel);
armFailpoints(config.failpoints, (name) => logger.warn({ failpoint: name }, 'failpoint reached'));

await runService(logger, config.graceMs + 5_000, async (scope) => {
  const { signal, onStop } = scope;
  const parts = openParts(scope);
  const { clock, monitor, watcher, queue, submitter, serverCheck } = parts;
  try {
    await serverCheck.run();
    await clock.sync();
  } catch (error) {
    if (error instanceof UnfitServerError) throw error;
    monitor.reportOutage(error);
  }
  const running = Promise.all([
    monitor.run(signal),
    watcher.run(signal),
    runRetention({ ...config, ...parts, logger, watermark: parts.participant.watermark }, signal),
  ]);
  onStop('loops', async () => void (await running));
  onStop('group queue', () => queue.drain());
  signal.addEventListener('abort', () => submitter.stop(), { once: true });
  await openServers(scope, parts);
});

/** What the servers and loops of this process share. */
interface Parts {
  readonly database: Database;
  readonly clock: DatabaseClock;
  readonly monitor: DatabaseMonitor;
  readonly serverCheck: ServerCheck;
  readonly watcher: OutcomeWatcher;
  readonly participant: Participant;
  readonly queue: GroupQueue;
  readonly submitter: Submitter;
  /** Those that are open so far; their health follows the database's. */
  readonly servers: GrpcServer[];
}

function openParts({ onStop }: ServiceScope): Parts {
  const database = createDatabase({
    url: config.dbUrl,
    connections: config.dbConnections,
    timeoutMs: config.dbTimeoutMs,
    lockWaitSeconds: LOCK_WAIT_SECONDS,
    probes: writeProbes,
    writeProbe,
    onServerChange: (server, before) =>
      logger.warn(
        { server, before },
        'the order database is another server: connections to the one before are closed',
      ),
  });
  onStop('database', () => database.close());
  const clock = createDatabaseClock(database);
  const watcher = createOutcomeWatcher(database, logger, WATCH_POLL_MS);
  const participant = createParticipant({
    ...config,
    database,
    clock,
    logger,
    firstMs: config.firstRelayMs,
    maxMs: config.maxRelayMs,
    onSettled: (txNos) => watcher.notify(txNos),
  });
  const servers: GrpcServer[] = [];
  const serverCheck = createServerCheck(database, Object.values(schema), (error) =>
    logger.error({ faults: error.faults }, 'the order database can not be used as it is'),
  );
  const monitor = createDatabaseMonitor(database, {
    async onPing() {
      await serverCheck.runAndTell();
      await clock.sync();
    },
    onChange(available, error) {
      if (available) logger.info('order database is back');
      else if (!(error instanceof UnfitServerError)) logger.error({ err: error }, 'order database is away');
      for (const server of servers) server.setServing(available);
      if (!available) queue.rejectAll(({ txNo }) => unavailable(txNo, error));
    },
  });
  const writeGroup = createGroupWriter({
    database,
    clock,
    relay: openRelayLink(onStop),
    logger,
    firstRelayDelayMs: participant.firstRelayDelayMs,
    onOutage: (error) => monitor.reportOutage(error),
    isDatabaseThere: () => monitor.check(),
    answerWithinMs: ANSWER_WITHIN_MS,
  });
  const queue = createGroupQueue(writeGroup, config);
  const submitter = createSubmitter(queue, watcher, monitor);
  return { database, clock, monitor, serverCheck, watcher, participant, queue, submitter, servers };
}

function openRelayLink(onStop: ServiceScope['onStop']): RelayLink {
  const relays = createClientPool(RelayService, config.relayAddresses, { timeoutMs: config.relayTimeoutMs });
  onStop('relay clients', () => relays.close());
  const relay = createRelayLink(relays, { ...config, maxInFlight: config.relayMaxInFlight, logger });
  onStop('relay link', () => relay.drain());
  return relay;
}

async function openServers({ onStop }: ServiceScope, parts: Parts): Promise<void> {
  const { database, monitor, participant, servers } = parts;
  const onOutage = (error: unknown) => monitor.reportOutage(error);
  const open = async (name: string, entries: ServiceEntry[], options: Omit<GrpcServerOptions, 'logger'>) => {
    const server = await createGrpcServer(entries, { ...options, logger });
    servers.push(server);
    server.setServing(monitor.available);
    onStop(name, () => server.close(config.graceMs));
    return server.port;
  };
  const internalEntries = [
    serviceEntry(TransactionParticipant, createParticipantService(participant, config.topic, onOutage)),
    serviceEntry(TransactionLedger, createLedgerService(database, onOutage)),
  ];
  const internalPort = await open('internal server', internalEntries, {
    host: config.internalHost,
    port: config.internalPort,
    limits: INTERNAL_LIMITS,
  });
  const orderService = createOrderService({ ...parts, validator: createRequestValidator(), onOutage });
  const publicEntries = [serviceEntry(OrderService, orderService, orderCodecs)];
  const grpcPort = await open('public server', publicEntries, {
    host: config.host,
    port: config.grpcPort,
    maxRequestBytes: MAX_PUBLIC_REQUEST_BYTES,
  });
  logger.info({ grpcPort, internalPort }, 'order-svc is up');
}
