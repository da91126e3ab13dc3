import {
  OrderService,
  RelayAdminService,
  RelayService,
  StockAdminService,
  StockService,
  TransactionParticipant,
} from '@txmsg/contracts';
import { createGrpcClient, type GrpcClient } from '@txmsg/grpc';
import { startTestBroker, type TestBroker, type TestDatabase } from '@txmsg/stack/testing';
import { createPool, type Pool } from 'mysql2/promise';
import { createNetwork, type Network } from './network.js';
import { type DatabaseName, type DatabaseServerOptions, prepareDatabases } from './prepare-databases.js';
import type { ServiceProcess } from './service-process.js';
import { startServices } from './start-services.js';

/** How large a system is started, and on what. What isn't given is started anew and belongs to the system. */
export interface SystemOptions extends DatabaseServerOptions {
  /** How many of each service. Default 1. */
  readonly orders?: number;
  readonly relays?: number;
  readonly stocks?: number;
  /** An existing broker; it stays when the system stops. */
  readonly broker?: TestBroker;
  /** Name server, broker and proxy as three processes. Default false. */
  readonly separateBroker?: boolean;
  /** `bench` for measurements. Default `laptop`. */
  readonly profile?: 'laptop' | 'bench';
  /** Every connection goes through a proxy that can cut or slow it. Default false. */
  readonly proxied?: boolean;
  /** Old-space limit of each service's heap in MiB. Default: Node's own. */
  readonly maxHeapMib?: number;
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
  readonly databases: ReadonlyMap<DatabaseName, TestDatabase>;
  /** The copy of each server, when standbys were asked for: see `switchPrimary`. */
  readonly standbys: ReadonlyMap<DatabaseName, TestDatabase>;
  readonly network: Network;
  readonly messageTopic: string;
  readonly resultTopic: string;
  readonly stockGroup: string;
  /** Consumer group of the relays on the result topic. */
  readonly relayGroup: string;
  /** Connections of the test itself, straight to the databases, with all rights there are. */
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
  const [databases, broker] = await Promise.all([
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
    {
      ...options,
      ...topics,
      name,
      orderDbUrl: databases.orderServiceUrl,
      stockDbUrl: databases.stockServiceUrl,
      endpoints: broker.endpoints,
      network,
    },
    closers,
  );
  const orderDb = createPool({ uri: databases.orderDbUrl, timezone: 'Z', supportBigNumbers: true });
  const stockDb = createPool({ uri: databases.stockDbUrl, timezone: 'Z', supportBigNumbers: true });
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
    databases: databases.servers,
    standbys: databases.standbys,
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
