import { StockAdminService, StockService, TransactionConsumer, TransactionLedger } from '@txmsg/contracts';
import { takeStock } from '@txmsg/contracts/messages';
import { type ServiceEntry, type ServiceHandlers, serviceEntry } from '@txmsg/grpc';
import {
  createDatabaseCalls,
  createInbox,
  type DatabaseCalls,
  inboxOptions,
  optionalColumns,
  type RunningInbox,
} from '@txmsg/inbox';
import { type WatchedDatabase, watchDatabase } from '@txmsg/mysql';
import { openServers, type ServerContent, type Servers, type ServiceScope } from '@txmsg/service';
import type { StockConfig } from './config.js';
import { checkBooks } from './domain/check-books.js';
import { createStockHandlers } from './rpc/stock-service.js';
import { inboxTables, tables, writeProbes } from './store/schema.js';
import { stockHandler } from './store/stock-handler.js';
import { readBooks } from './store/stock-transactions.js';

/** The ports that a started service listens on. */
export interface StockPorts {
  readonly grpc: number;
  readonly internal: number;
}

/** What is watched over; the inbox comes after the first check of the database, the servers last. */
interface Parts {
  inbox?: RunningInbox;
  servers?: Servers;
}

/**
 * Starts the stock service: it consumes, serves both ports, and stops with the scope.
 *
 * @throws UnfitServerError when the database is there and can't be used as it is
 */
export async function startStockService(config: StockConfig, scope: ServiceScope): Promise<StockPorts> {
  const parts: Parts = {};
  const watched = openDatabase(config, parts, scope);
  await watched.look();
  const inbox = startInbox(config, watched, scope);
  parts.inbox = inbox;
  const running = watched.monitor.run(scope.signal);
  scope.onStop('database monitor', () => running);
  parts.servers = await openServers(config, contentOf(config, watched, inbox), scope);
  // The database may have changed while they were opened.
  serve(parts);
  const { grpcPort: grpc, internalPort: internal } = parts.servers;
  return { grpc, internal };
}

/** Tells the servers' health. */
function serve({ inbox, servers }: Parts): void {
  servers?.setServing(inbox?.isReceiving ?? false);
}

/** Opens the database. The inbox receives while the database is there. */
function openDatabase(config: StockConfig, parts: Parts, { logger, onStop }: ServiceScope): WatchedDatabase {
  const watched = watchDatabase(config, {
    name: 'stock',
    whileAway: 'receiving stops',
    logger,
    probes: writeProbes,
    tables,
    optionalColumns: optionalColumns(inboxTables),
    async onReady() {
      if (parts.inbox?.isReceiving === false) logger.info({}, 'stock database is there: receiving');
      await parts.inbox?.resume();
      serve(parts);
    },
    onChange(available) {
      if (!available) parts.inbox?.pause();
      serve(parts);
    },
  });
  onStop('database', () => watched.database.close());
  return watched;
}

function startInbox(
  config: StockConfig,
  { database, monitor }: WatchedDatabase,
  scope: ServiceScope,
): RunningInbox {
  const inbox = createInbox({
    ...inboxOptions(config),
    database,
    logger: scope.logger,
    tables: inboxTables,
    failpoints: 'stock',
  });
  inbox.group(takeStock(config.messageTopic), stockHandler);
  return inbox.start(scope, (error) => monitor.reportOutage(error));
}

/** What the public port serves, and what the internal one. */
function contentOf(
  config: StockConfig,
  { database, monitor }: WatchedDatabase,
  inbox: RunningInbox,
): ServerContent {
  // The rest is the consumer's.
  const maxChanges = Math.max(1, Math.floor((config.dbConnections - config.receiveLoops) / 2));
  const calls = createDatabaseCalls(database, monitor, { maxChanges, name: 'the stock database' });
  return {
    open: [serviceEntry(StockService, createStockHandlers(calls))],
    internal: consumerServices(inbox, calls),
    isServing: () => inbox.isReceiving,
  };
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
