import { TransactionConsumer, TransactionLedger } from '@txmsg/contracts';
import { createGrpcClient, createGrpcServer, type GrpcClient, serviceEntry } from '@txmsg/grpc';
import { createDatabaseMonitor, type Database, type DatabaseMonitor } from '@txmsg/mysql';
import { createConsumerHandlers } from '../rpc/consumer-service.js';
import { createDatabaseCalls } from '../rpc/database-calls.js';
import { createLedgerHandlers } from '../rpc/ledger-service.js';
import type { TestHandler } from './test-handler.js';

/** The contracts of a consumer on one port, with their clients. */
export interface TestApi {
  readonly admin: GrpcClient<typeof TransactionConsumer>;
  readonly ledger: GrpcClient<typeof TransactionLedger>;
  readonly monitor: DatabaseMonitor;
  close(): Promise<void>;
}

/** Serves the RPCs on a database, with a handler for replays. */
export async function startTestApi(
  database: Database,
  handler: TestHandler,
  maxChanges?: number,
): Promise<TestApi> {
  const monitor = createDatabaseMonitor(database);
  const calls = createDatabaseCalls(database, monitor, maxChanges === undefined ? {} : { maxChanges });
  const parts = { ...handler, database: calls, isReceiving: () => monitor.available };
  const server = await createGrpcServer(
    [
      serviceEntry(TransactionConsumer, createConsumerHandlers(parts)),
      serviceEntry(TransactionLedger, createLedgerHandlers(calls, handler.store)),
    ],
    { host: '127.0.0.1', port: 0, logger: handler.logger },
  );
  const address = `127.0.0.1:${server.port}`;
  const admin = createGrpcClient(TransactionConsumer, address);
  const ledger = createGrpcClient(TransactionLedger, address);
  return {
    admin,
    ledger,
    monitor,
    async close() {
      for (const client of [admin, ledger]) client.close();
      await server.close(1_000);
    },
  };
}
