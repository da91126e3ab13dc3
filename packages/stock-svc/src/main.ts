import { randomUUID } from 'node:crypto';
import { StockService, TransactionLedger } from '@txmsg/contracts';
import { armFailpoints, createQuietLog } from '@txmsg/core';
import { createGrpcServer, type GrpcServer, INTERNAL_LIMITS, serviceEntry } from '@txmsg/grpc';
import {
  createDatabase,
  createDatabaseMonitor,
  createServerCheck,
  type Database,
  type DatabaseMonitor,
  type ServerCheck,
  UnfitServerError,
} from '@txmsg/mysql';
import { createLogger, loadConfig, runService, type ServiceScope } from '@txmsg/service';
import { stockContradictions, stockSettings } from './config.js';
import { type Consumer, startConsumer } from './consumer/consumer.js';
import { createGate, type Gate } from './consumer/gate.js';
import { createCounters } from './counters.js';
import { runRetentionLoop } from './retention/retention-loop.js';
import { consumerEntries } from './rpc/consumer-service.js';
import { createDatabaseCalls } from './rpc/database-calls.js';
import { createLedgerHandlers } from './rpc/ledger-service.js';
import { createStockHandlers } from './rpc/stock-service.js';
import * as schema from './store/schema.js';
import { writeProbes } from './store/write-probes.js';

/** The least that MySQL knows: a row that somebody else keeps locked costs the first group that meets it so long. */
const LOCK_WAIT_SECONDS = 1;

const config = loadConfig(stockSettings, process.env, stockContradictions);
const logger = createLogger('stock-svc', config.logLevel);
armFailpoints(config.failpoints, (name) => logger.warn({ failpoint: name }, 'failpoint reached'));

await runService(logger, config.graceMs + 5_000, async (scope) => {
  const { signal, onStop } = scope;
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

  const gate = createGate();
  const servers: GrpcServer[] = [];
  const setServing = () => {
    for (const server of servers) server.setServing(gate.isOpen);
  };
  const serverCheck = createServerCheck(database, Object.values(schema), (error) =>
    logger.error({ faults: error.faults }, 'the stock database can not be used as it is'),
  );
  const monitor = watchDatabase(database, serverCheck, gate, setServing);
  try {
    await serverCheck.run();
  } catch (error) {
    if (error instanceof UnfitServerError) throw error;
    monitor.reportOutage(error);
  }
  const reportOutage = (error: unknown) => monitor.reportOutage(error);
  const counters = createCounters();
  onStop('counters', () => logger.info({ counters }, 'what was done'));
  const consumer = startConsumer({ config, database, gate, reportOutage, counters, logger }, scope);
  const background = Promise.all([
    monitor.run(signal),
    runRetentionLoop(
      {
        database,
        logger,
        owner: randomUUID(),
        retentionMs: config.retentionMs,
        intervalMs: config.retentionIntervalMs,
        batchSize: config.retentionBatch,
        unknownParticipant: createQuietLog(logger, 'error', 600_000),
      },
      signal,
    ),
  ]);
  onStop('background loops', async () => void (await background));

  servers.push(...(await startServers(database, monitor, consumer, scope)));
  setServing();
});

/** Opens the gate while the database is there, and tells of each change. */
function watchDatabase(
  database: Database,
  serverCheck: ServerCheck,
  gate: Gate,
  setServing: () => void,
): DatabaseMonitor {
  return createDatabaseMonitor(database, {
    onChange(available, error) {
      if (!available) gate.close();
      if (!available && !(error instanceof UnfitServerError))
        logger.error({ err: error }, 'stock database is away: receiving stops');
      setServing();
    },
    async onPing() {
      await serverCheck.runAndTell();
      if (gate.isOpen) return;
      logger.info('stock database is there: receiving');
      gate.open();
      setServing();
    },
  });
}

/** The servers of both ports, up but not yet serving; the scope stops them. */
async function startServers(
  database: Database,
  monitor: DatabaseMonitor,
  consumer: Consumer,
  { onStop }: ServiceScope,
): Promise<GrpcServer[]> {
  // The rest is the consumer's.
  const maxChanges = Math.max(1, Math.floor((config.dbConnections - config.receiveLoops) / 2));
  const calls = createDatabaseCalls(database, monitor, maxChanges);
  const parts = { database: calls, belowFloor: createQuietLog(logger, 'error'), ...consumer };
  const ledger = serviceEntry(TransactionLedger, createLedgerHandlers(calls));
  const stock = serviceEntry(StockService, createStockHandlers(calls));
  const servers: GrpcServer[] = [];
  const internal = { host: config.internalHost, port: config.internalPort, limits: INTERNAL_LIMITS };
  const open = { host: config.host, port: config.grpcPort };
  for (const [name, entries, options] of [
    ['internal server', [...consumerEntries(parts), ledger], internal],
    ['public server', [stock], open],
  ] as const) {
    const server = await createGrpcServer(entries, { ...options, logger });
    servers.push(server);
    onStop(name, () => server.close(config.graceMs));
    logger.info({ port: server.port }, `${name} is up`);
  }
  return servers;
}
