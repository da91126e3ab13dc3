import { randomUUID } from 'node:crypto';
import { StockAdminService, StockService, TransactionConsumer } from '@txmsg/contracts';
import { createGrpcClient } from '@txmsg/grpc';
import { UnfitServerError } from '@txmsg/mysql';
import { loadConfig, type ServiceScope } from '@txmsg/service';
import { expect, inject, it } from 'vitest';
import { type StockConfig, stockSettings } from './config.js';
import { startStockService } from './start-stock-svc.js';
import { createStockDatabase } from './test-support/stock-database.js';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
/** Nobody listens there. */
const NO_BROKER = '127.0.0.1:9';

function configOf(url: string): StockConfig {
  return loadConfig(stockSettings, {
    TXMSG_STOCK_DB_URL: url,
    TXMSG_STOCK_GRPC_PORT: '0',
    TXMSG_STOCK_INTERNAL_PORT: '0',
    TXMSG_ROCKETMQ_ENDPOINTS: NO_BROKER,
  });
}

/** A scope that a test ends. */
function createScope(): ServiceScope & { stop(): Promise<void> } {
  const stopping = new AbortController();
  const closers: (() => Promise<void> | void)[] = [];
  return {
    logger: quiet,
    signal: stopping.signal,
    onStop: (_, close) => void closers.push(close),
    async stop() {
      stopping.abort();
      for (const close of closers.reverse()) await close();
    },
  };
}

it('serves both ports without a broker, the consumer contract under both names, and stops with its scope', async () => {
  const stock = await createStockDatabase();
  const scope = createScope();
  const ports = await startStockService(configOf(stock.url), scope);
  const clients = [
    createGrpcClient(TransactionConsumer, `127.0.0.1:${ports.internal}`),
    createGrpcClient(StockAdminService, `127.0.0.1:${ports.internal}`),
  ];
  const api = createGrpcClient(StockService, `127.0.0.1:${ports.grpc}`);
  for (const client of clients)
    await expect.poll(async () => (await client.getStatus({})).receiving).toBe(true);
  const added = await api.addStock({ productId: 1n, count: 3n, requestId: 'first' });
  expect(added.stock?.totalCount).toBe(3n);
  for (const client of [...clients, api]) client.close();
  await scope.stop();
  await stock.close();
});

it('does not start on a database without its tables', async () => {
  const url = `mysql://txmsg:txmsg@${inject('databaseAddress')}/mysql`;
  const scope = createScope();
  const name = `empty-${randomUUID()}`;
  const other = await createStockDatabase();
  await other.select(`CREATE DATABASE \`${name}\``);
  await other.close();
  const empty = Object.assign(new URL(url), { pathname: `/${name}` }).href;
  await expect(startStockService(configOf(empty), scope)).rejects.toBeInstanceOf(UnfitServerError);
  await scope.stop();
});
