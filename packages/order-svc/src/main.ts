import { OrderService, RelayService, TransactionLedger, TransactionParticipant } from '@txmsg/contracts';
import { createDatabase, createDatabaseClock, createDatabaseMonitor } from '@txmsg/mysql';
import {
  armFailpoints,
  createClientPool,
  createGrpcServer,
  createLogger,
  createRequestValidator,
  type GrpcServer,
  loadConfig,
  runService,
  serviceEntry,
} from '@txmsg/service';
import { orderContradictions, orderSettings } from './config.js';
import { createParticipant } from './participant/participant.js';
import { runRetention } from './retention/retention.js';
import { createLedgerService } from './rpc/ledger-service.js';
import { createOrderService } from './rpc/order-service.js';
import { createParticipantService } from './rpc/participant-service.js';
import { createGroupQueue, type GroupQueue } from './submit/group-queue.js';
import { createOutcomeWatcher } from './submit/outcome-watcher.js';
import { createRelayLink } from './submit/relay-link.js';
import { createSubmitter } from './submit/submitter.js';
import { createGroupWriter, unavailable } from './submit/write-group.js';

/** txNos are the keys of a message; the broker bounds keys and properties together at 16 KiB. */
const MAX_KEY_BYTES = 14 * 1024;
const WATCH_POLL_MS = 500;

const config = loadConfig(orderSettings, process.env, orderContradictions);
const logger = createLogger('order-svc', config.logLevel);
armFailpoints(config.failpoints, (name) => logger.warn({ failpoint: name }, 'failpoint reached'));

await runService(logger, config.graceMs + 5_000, async ({ signal, onStop }) => {
  const database = createDatabase({
    url: config.dbUrl,
    connections: config.dbConnections,
    timeoutMs: config.dbTimeoutMs,
  });
  onStop('database', () => database.close());
  const clock = createDatabaseClock(database);
  const relays = createClientPool(RelayService, config.relayAddresses, { timeoutMs: config.relayTimeoutMs });
  onStop('relay clients', () => relays.close());
  const relay = createRelayLink(relays, { ...config, maxInFlight: config.relayMaxInFlight, logger });
  onStop('relay link', () => relay.drain());

  const watcher = createOutcomeWatcher(database, logger, WATCH_POLL_MS);
  const participant = createParticipant({
    ...config,
    database,
    clock,
    firstMs: config.firstRelayMs,
    maxMs: config.maxRelayMs,
    maxKeyBytes: MAX_KEY_BYTES,
    onSettled: (txNos) => watcher.notify(txNos),
  });
  let queue: GroupQueue | undefined;
  const servers: GrpcServer[] = [];
  const monitor = createDatabaseMonitor(database, {
    onPing: () => clock.sync(),
    onChange(available, error) {
      if (available) logger.info('order database is back');
      else logger.error({ err: error }, 'order database is away');
      for (const server of servers) server.setServing(available);
      if (!available) queue?.rejectAll(({ txNo }) => unavailable(txNo, error));
    },
  });
  const onOutage = (error: unknown) => monitor.reportOutage(error);
  const writeGroup = createGroupWriter({
    database,
    clock,
    relay,
    logger,
    firstRelayDelayMs: participant.firstRelayDelayMs,
    onOutage,
  });
  queue = createGroupQueue(writeGroup, { ...config, maxKeyBytes: MAX_KEY_BYTES });
  const submitter = createSubmitter(queue, watcher, monitor);

  try {
    await clock.sync();
  } catch (error) {
    onOutage(error);
  }
  const running = Promise.all([
    monitor.run(signal),
    watcher.run(signal),
    runRetention({ ...config, database, clock, logger }, signal),
  ]);
  onStop('loops', async () => void (await running));
  onStop('group queue', () => queue.drain());

  const internalService = serviceEntry(
    TransactionParticipant,
    createParticipantService(participant, config.topic, onOutage),
  );
  const ledger = serviceEntry(TransactionLedger, createLedgerService(database, onOutage));
  const internalServer = await createGrpcServer([internalService, ledger], {
    host: config.host,
    port: config.internalPort,
    logger,
  });
  servers.push(internalServer);
  onStop('internal server', () => internalServer.close(config.graceMs));
  const validator = createRequestValidator();
  const publicService = serviceEntry(
    OrderService,
    createOrderService({ database, submitter, watcher, validator, onOutage }),
  );
  const publicServer = await createGrpcServer([publicService], {
    host: config.host,
    port: config.grpcPort,
    logger,
  });
  servers.push(publicServer);
  for (const server of servers) server.setServing(monitor.available);
  onStop('public server', () => publicServer.close(config.graceMs));
  logger.info({ grpcPort: publicServer.port, internalPort: internalServer.port }, 'order-svc is up');
});
