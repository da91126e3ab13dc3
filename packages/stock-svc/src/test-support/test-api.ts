import { StockAdminService, StockService, TransactionConsumer, TransactionLedger } from '@txmsg/contracts';
import { createGrpcClient, createGrpcServer, type GrpcClient, serviceEntry } from '@txmsg/grpc';
import { createDatabaseCalls } from '@txmsg/inbox';
import { createTestHandlers } from '@txmsg/inbox/testing';
import { createDatabaseMonitor, type Database, type DatabaseMonitor } from '@txmsg/mysql';
import { createStockHandlers } from '../rpc/stock-service.js';
import { consumerServices } from '../start-stock-svc.js';
import type { TestHandler } from './test-handler.js';

/** All services of the stock service on one port, with their clients. */
export interface TestApi {
  readonly stock: GrpcClient<typeof StockService>;
  readonly admin: GrpcClient<typeof StockAdminService>;
  readonly consumer: GrpcClient<typeof TransactionConsumer>;
  readonly ledger: GrpcClient<typeof TransactionLedger>;
  readonly monitor: DatabaseMonitor;
  close(): Promise<void>;
}

/** Serves the RPCs on a database, with a handler for replays. */
export async function startTestApi(
  database: Database,
  handler: TestHandler,
  maxChanges = 3,
): Promise<TestApi> {
  const monitor = createDatabaseMonitor(database);
  const calls = createDatabaseCalls(database, monitor, { maxChanges, name: 'the stock database' });
  const services = consumerServices(
    createTestHandlers(handler, () => monitor.available),
    calls,
  );
  const server = await createGrpcServer(
    [serviceEntry(StockService, createStockHandlers(calls)), ...services],
    { host: '127.0.0.1', port: 0, logger: handler.logger },
  );
  const address = `127.0.0.1:${server.port}`;
  const stock = createGrpcClient(StockService, address);
  const admin = createGrpcClient(StockAdminService, address);
  const consumer = createGrpcClient(TransactionConsumer, address);
  const ledger = createGrpcClient(TransactionLedger, address);
  return {
    stock,
    admin,
    consumer,
    ledger,
    monitor,
    async close() {
      for (const client of [stock, admin, consumer, ledger]) client.close();
      await server.close(1_000);
    },
  };
}
