import { StockAdminService, StockService, TransactionConsumer, TransactionLedger } from '@txmsg/contracts';
import { takeStock } from '@txmsg/contracts/messages';
import {
  createGrpcServer,
  type GrpcServer,
  INTERNAL_LIMITS,
  type ServiceEntry,
  type ServiceHandlers,
  serviceEntry,
} from '@txmsg/grpc';
import {
  createDatabaseCalls,
  createInbox,
  type DatabaseCalls,
  type InboxLimits,
  optionalColumns,
  type RunningInbox,
} from '@txmsg/inbox';
import {
  createDatabase,
  createDatabaseMonitor,
  createServerCheck,
  type Database,
  type DatabaseMonitor,
  UnfitServerError,
} from '@txmsg/mysql';
import type { ServiceScope } from '@txmsg/service';
import type { StockConfig } from './config.js';
import { checkBooks } from './domain/check-books.js';
import { createStockHandlers } from './rpc/stock-service.js';
import { inboxTables, tables, writeProbes } from './store/schema.js';
import { stockHandler } from './store/stock-handler.js';
import { readBooks } from './store/stock-transactions.js';

/** The least that MySQL knows: a row that somebody else keeps locked costs the first group that meets it so long. */
const LOCK_WAIT_SECONDS = 1;

/** The ports that a started service listens on. */
export interface StockPorts {
  readonly grpc: number;
  readonly internal: number;
}

/** What is watched over; the inbox comes after the first check of the database, the servers last. */
interface Parts {
  inbox?: RunningInbox;
  servers: readonly GrpcServer[];
}

/** Starts the stock service: it consumes, serves both ports, and stops with the scope. */
export async function startStockService(config: StockConfig, scope: ServiceScope): Promise<StockPorts> {
  const database = openDatabase(config, scope);
  const parts: Parts = { servers: [] };
  const monitor = await watchDatabase(database, parts, scope);
  const inbox = startInbox(config, database, monitor, scope);
  parts.inbox = inbox;
  const running = monitor.run(scope.signal);
  scope.onStop('database monitor', () => running);
  const [open, internal] = await startServers(config, servicesOf(config, database, monitor, inbox), scope);
  parts.servers = [open, internal];
  serve(parts);
  return { grpc: open.port, internal: internal.port };
}

/** Tells the servers' health. */
function serve({ inbox, servers }: Parts): void {
  for (const server of servers) server.setServing(inbox?.isReceiving ?? false);
}

function openDatabase(config: StockConfig, { logger, onStop }: ServiceScope): Database {
  const database = createDatabase({
    url: config.dbUrl,
    connections: config.dbConnections,
    timeoutMs: config.dbTimeoutMs,
    lockWaitSeconds: LOCK_WAIT_SECONDS,
    probes: writeProbes,
    onServerChange: (server, before) =>
      logger.warn(
        { server, before },
        'the stock database is another server: connections to the one before are closed',
      ),
  });
  onStop('database', () => database.close());
  return database;
}

function startInbox(
  config: StockConfig,
  database: Database,
  monitor: DatabaseMonitor,
  scope: ServiceScope,
): RunningInbox {
  const inbox = createInbox({
    database,
    consumer: config.consumer,
    endpoints: config.rocketmqEndpoints.join(';'),
    resultTopic: config.resultTopic,
    consumerGroup: config.consumerGroup,
    logger: scope.logger,
    tables: inboxTables,
    limits: inboxLimits(config),
    failpoints: 'stock',
  });
  inbox.group(takeStock(config.messageTopic), stockHandler);
  return inbox.start(scope, (error) => monitor.reportOutage(error));
}

function inboxLimits(config: StockConfig): InboxLimits {
  const { receiveLoops, receiveMessages, invisibleMs, maxTransactions, maxAttempts } = config;
  const { drainDeadLetters, deadLetterIntervalMs } = config;
  const { retentionMs, retentionIntervalMs, retentionBatch, dbTimeoutMs: transactionMs } = config;
  return {
    ...{ receiveLoops, receiveMessages, invisibleMs, maxTransactions, maxAttempts },
    ...{ drainDeadLetters, deadLetterIntervalMs },
    ...{ retentionMs, retentionIntervalMs, retentionBatch, transactionMs },
  };
}

/** Lets the inbox receive while the database is there, and tells of each change. A server that is unfit ends the start. */
async function watchDatabase(
  database: Database,
  parts: Parts,
  { logger }: ServiceScope,
): Promise<DatabaseMonitor> {
  const serverCheck = createServerCheck(
    database,
    tables,
    (error) => logger.error({ faults: error.faults }, 'the stock database can not be used as it is'),
    optionalColumns(inboxTables),
  );
  const monitor = createDatabaseMonitor(database, {
    onChange(available, error) {
      if (!available) parts.inbox?.pause();
      if (!available && !(error instanceof UnfitServerError))
        logger.error({ err: error }, 'stock database is away: receiving stops');
      serve(parts);
    },
    async onPing() {
      await serverCheck.runAndTell();
      if (parts.inbox?.isReceiving === false) logger.info({}, 'stock database is there: receiving');
      await parts.inbox?.resume();
      serve(parts);
    },
  });
  try {
    await serverCheck.run();
  } catch (error) {
    if (error instanceof UnfitServerError) throw error;
    monitor.reportOutage(error);
  }
  return monitor;
}

/** What the public port serves, and what the internal one. */
function servicesOf(
  config: StockConfig,
  database: Database,
  monitor: DatabaseMonitor,
  inbox: RunningInbox,
): readonly [ServiceEntry[], ServiceEntry[]] {
  // The rest is the consumer's.
  const maxChanges = Math.max(1, Math.floor((config.dbConnections - config.receiveLoops) / 2));
  const calls = createDatabaseCalls(database, monitor, { maxChanges, name: 'the stock database' });
  return [[serviceEntry(StockService, createStockHandlers(calls))], consumerServices(inbox, calls)];
}

/** The contracts of a consumer, the one under its old name included. */
export function consumerServices(
  inbox: Pick<RunningInbox, 'createHandlers'>,
  calls: DatabaseCalls,
): ServiceEntry[] {
  const { consumer, ledger } = inbox.createHandlers(calls, async (snapshot, complete) => {
    const books = await readBooks(snapshot);
    return books.map((product) => ({
      account: `product/${product.productId}`,
      applied: product.takenTotal,
      fault: checkBooks(product, complete),
    }));
  });
  return [
    serviceEntry(TransactionConsumer, consumer),
    // For one release: relays and operators of before know this name. Its messages have the same fields.
    serviceEntry(StockAdminService, consumer as unknown as ServiceHandlers<typeof StockAdminService>),
    serviceEntry(TransactionLedger, ledger),
  ];
}

/** Starts the servers of both ports, which don't serve yet; the scope stops them. */
async function startServers(
  config: StockConfig,
  [publicServices, internalServices]: readonly [ServiceEntry[], ServiceEntry[]],
  { logger, onStop }: ServiceScope,
): Promise<readonly [GrpcServer, GrpcServer]> {
  const start = async (
    name: string,
    services: ServiceEntry[],
    options: Omit<Parameters<typeof createGrpcServer>[1], 'logger'>,
  ) => {
    const server = await createGrpcServer(services, { ...options, logger });
    onStop(name, () => server.close(config.graceMs));
    logger.info({ port: server.port }, `${name} is up`);
    return server;
  };
  const internal = { host: config.internalHost, port: config.internalPort, limits: INTERNAL_LIMITS };
  const internalServer = await start('internal server', internalServices, internal);
  const open = { host: config.host, port: config.grpcPort };
  return [await start('public server', publicServices, open), internalServer];
}
