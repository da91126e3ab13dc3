import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  OrderService,
  RelayAdminService,
  RelayService,
  StockAdminService,
  StockService,
  TransactionParticipant,
} from '@txmsg/contracts';
import { createGrpcClient, type GrpcClient } from '@txmsg/contracts/grpc';
import { startTestBroker, startTestDatabase, type TestBroker, type TestDatabase } from '@txmsg/stack/testing';
import { createPool, type Pool } from 'mysql2/promise';
import { createNetwork, type Network } from './network.js';
import type { ServiceProcess } from './service-process.js';
import { startServices } from './start-services.js';

/** How large a system is started, and on what. What isn't given is started anew and belongs to the system. */
export interface SystemOptions {
  /** How many of each service. Default 1. */
  readonly orders?: number;
  readonly relays?: number;
  readonly stocks?: number;
  /** An existing database server, for both databases; it stays when the system stops. */
  readonly databaseAddress?: string;
  /** An existing broker; it stays when the system stops. */
  readonly broker?: TestBroker;
  /** Name server, broker and proxy as three processes. Default false. */
  readonly separateBroker?: boolean;
  /** `bench` for measurements. Default `laptop`. */
  readonly profile?: 'laptop' | 'bench';
  /** Every connection goes through a proxy that can cut or slow it. Default false. */
  readonly proxied?: boolean;
  /** Settings of all services, over the defaults of tests. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A running system. */
export interface System {
  readonly orders: readonly ServiceProcess[];
  readonly relays: readonly ServiceProcess[];
  readonly stocks: readonly ServiceProcess[];
  readonly broker: TestBroker;
  /** The servers that this system started: none when an address was given. */
  readonly databases: ReadonlyMap<'order-db' | 'stock-db', TestDatabase>;
  readonly network: Network;
  readonly messageTopic: string;
  readonly resultTopic: string;
  readonly stockGroup: string;
  /** Consumer group of the relays on the result topic. */
  readonly relayGroup: string;
  /** Connections of the test itself, straight to the databases. */
  readonly orderDb: Pool;
  readonly stockDb: Pool;
  /** Clients of a replica's APIs, straight to it; closed with the system. */
  orderClient(replica?: number): GrpcClient<typeof OrderService>;
  participantClient(replica?: number): GrpcClient<typeof TransactionParticipant>;
  relayClient(replica?: number): GrpcClient<typeof RelayService>;
  relayAdminClient(replica?: number): GrpcClient<typeof RelayAdminService>;
  stockClient(replica?: number): GrpcClient<typeof StockService>;
  stockAdminClient(replica?: number): GrpcClient<typeof StockAdminService>;
  /** Adds stock; idempotent by the request id. */
  addStock(productId: bigint, count: bigint, requestId?: string): Promise<void>;
  stop(): Promise<void>;
}

const run = promisify(execFile);
let systems = 0;

/** Starts a system in databases, topics and groups of its own. */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  systems += 1;
  const name = `t${process.pid}x${systems}`;
  const closers: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    return await start(options, name, closers, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  options: SystemOptions,
  name: string,
  closers: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<System> {
  const [{ databases, orderDbUrl, stockDbUrl }, broker] = await Promise.all([
    prepareDatabases(options, name, closers),
    prepareBroker(options, closers),
  ]);
  const topics = {
    messageTopic: `txmsg_${name}`,
    resultTopic: `txresult_${name}`,
    stockGroup: `stock_${name}`,
    relayGroup: `relay_${name}`,
  };
  await broker.createTopic(topics.messageTopic, 'TRANSACTION');
  await broker.createTopic(topics.resultTopic, 'NORMAL');
  await broker.createGroup(topics.stockGroup, { retryMaxTimes: 1_000_000 });
  await broker.createGroup(`${topics.stockGroup}-dlq`, { retryMaxTimes: 2_000_000 });
  await broker.createGroup(topics.relayGroup, { retryMaxTimes: 1_000_000 });
  const network = createNetwork(options.proxied ?? false);
  closers.push(() => network.close());
  const services = await startServices(
    { ...options, ...topics, name, orderDbUrl, stockDbUrl, endpoints: broker.endpoints, network },
    closers,
  );
  const orderDb = createPool({ uri: orderDbUrl, timezone: 'Z', supportBigNumbers: true });
  const stockDb = createPool({ uri: stockDbUrl, timezone: 'Z', supportBigNumbers: true });
  closers.push(
    () => orderDb.end(),
    () => stockDb.end(),
  );
  const client = clientCache(closers);
  const at = (list: readonly ServiceProcess[], replica = 0) => {
    const service = list[replica];
    if (!service) throw new RangeError(`there is no replica ${replica}`);
    return service;
  };
  const stockClient = (replica?: number) => client(StockService, at(services.stocks, replica).address);
  return {
    ...services,
    ...topics,
    broker,
    databases,
    network,
    orderDb,
    stockDb,
    orderClient: (replica) => client(OrderService, at(services.orders, replica).address),
    participantClient: (replica) =>
      client(TransactionParticipant, at(services.orders, replica).internalAddress),
    relayAdminClient: (replica) => client(RelayAdminService, at(services.relays, replica).address),
    relayClient: (replica) => client(RelayService, at(services.relays, replica).address),
    stockClient,
    stockAdminClient: (replica) => client(StockAdminService, at(services.stocks, replica).internalAddress),
    async addStock(productId, count, requestId = `seed-${productId}`) {
      await stockClient().addStock({ productId, count, requestId });
    },
    stop,
  };
}

async function prepareBroker(
  options: SystemOptions,
  closers: (() => Promise<unknown>)[],
): Promise<TestBroker> {
  if (options.broker) return options.broker;
  const broker = await startTestBroker({
    separate: options.separateBroker ?? false,
    profile: options.profile ?? 'laptop',
  });
  closers.push(() => broker.stop());
  return broker;
}

async function prepareDatabases(options: SystemOptions, name: string, closers: (() => Promise<unknown>)[]) {
  const databases = new Map<'order-db' | 'stock-db', TestDatabase>();
  const addressOf = async (key: 'order-db' | 'stock-db') => {
    if (options.databaseAddress) return options.databaseAddress;
    const database = await startTestDatabase();
    closers.push(() => database.stop());
    databases.set(key, database);
    return `127.0.0.1:${database.port}`;
  };
  const orderDbUrl = `mysql://txmsg:txmsg@${await addressOf('order-db')}/orders-${name}`;
  const stockDbUrl = `mysql://txmsg:txmsg@${await addressOf('stock-db')}/stock-${name}`;
  await Promise.all([
    migrate('@txmsg/order-svc/migrate', { TXMSG_ORDER_DB_URL: orderDbUrl }),
    migrate('@txmsg/stock-svc/migrate', { TXMSG_STOCK_DB_URL: stockDbUrl }),
  ]);
  return { databases, orderDbUrl, stockDbUrl };
}

async function migrate(module: string, env: Readonly<Record<string, string>>): Promise<void> {
  await run(process.execPath, [fileURLToPath(import.meta.resolve(module))], {
    env: { ...process.env, ...env },
    timeout: 60_000,
  });
}

type ClientMaker = <S extends Parameters<typeof createGrpcClient>[0]>(
  service: S,
  address: string,
) => GrpcClient<S>;

/** One client for each service and address. */
function clientCache(closers: (() => Promise<unknown>)[]): ClientMaker {
  const clients = new Map<string, { close(): void }>();
  closers.push(async () => {
    for (const client of clients.values()) client.close();
  });
  return <S extends Parameters<typeof createGrpcClient>[0]>(service: S, address: string) => {
    const key = `${service.typeName}@${address}`;
    const known = clients.get(key) ?? createGrpcClient(service, address, { timeoutMs: 15_000 });
    clients.set(key, known);
    return known as GrpcClient<S>;
  };
}
