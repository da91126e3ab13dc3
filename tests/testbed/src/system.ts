import {
  OrderService,
  RelayAdminService,
  RelayService,
  StockAdminService,
  StockService,
  TransactionParticipant,
} from '@txmsg/contracts';
import type { GrpcClient } from '@txmsg/grpc';
import { messageTopics, serviceTopology, type Topology } from '@txmsg/stack/descriptor';
import { startTestBroker, type TestBroker, type TestDatabase } from '@txmsg/stack/testing';
import type { Pool } from 'mysql2/promise';
import { clientCache, known, poolCache } from './connections.js';
import { createNetwork, type Network } from './network.js';
import { type DatabaseName, type DatabaseServerOptions, prepareDatabases } from './prepare-databases.js';
import {
  type OtherBuilds,
  ownNames,
  ownServices,
  type PlannedService,
  type ServiceCounts,
} from './service-plan.js';
import type { ServiceProcess } from './service-process.js';
import { startServices } from './start-services.js';

/** The size of a system, and what it runs on. Everything that isn't given is started and belongs to the system. */
export interface SystemOptions extends DatabaseServerOptions, ServiceCounts, OtherBuilds {
  /** Services besides order-svc, relay and stock-svc. */
  readonly more?: readonly PlannedService[];
  /** An existing broker. It stays when the system stops. */
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
  /** The replicas of a service. Throws when the system has none of this name. */
  replicas(service: string): readonly ServiceProcess[];
  readonly broker: TestBroker;
  /** The servers that this system started. None when an address was given. */
  readonly databases: ReadonlyMap<DatabaseName, TestDatabase>;
  /** The copy of each server, when standbys were requested: see `switchPrimary`. */
  readonly standbys: ReadonlyMap<DatabaseName, TestDatabase>;
  readonly network: Network;
  readonly messageTopic: string;
  readonly resultTopic: string;
  readonly stockGroup: string;
  /** Consumer group of the relays on the result topic. */
  readonly relayGroup: string;
  /** The test's own connections, directly to the databases, with all rights. */
  readonly orderDb: Pool;
  readonly stockDb: Pool;
  /** The same for any database of the system. Throws when there is none. */
  pool(database: DatabaseName): Pool;
  /** Clients of a replica's APIs, directly to it. They are closed with the system. */
  orderClient(replica?: number): GrpcClient<typeof OrderService>;
  participantClient(replica?: number): GrpcClient<typeof TransactionParticipant>;
  relayClient(replica?: number): GrpcClient<typeof RelayService>;
  relayAdminClient(replica?: number): GrpcClient<typeof RelayAdminService>;
  stockClient(replica?: number): GrpcClient<typeof StockService>;
  stockAdminClient(replica?: number): GrpcClient<typeof StockAdminService>;
  /** Adds stock. A repeated request id changes nothing. */
  addStock(productId: bigint, count: bigint, requestId?: string): Promise<void>;
  /** Brings the databases of a service to the newest schema of this build. */
  migrate(service: string): Promise<void>;
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
  const planned = [...ownServices(options), ...(options.more ?? []).map((one) => ({ count: 1, ...one }))];
  const descriptors = planned.map(({ descriptor }) => descriptor);
  const [databases, broker] = await Promise.all([
    prepareDatabases(options, descriptors, name, closers),
    prepareBroker(options, closers),
  ]);
  const names = ownNames(descriptors, name);
  await makeTopology(broker, serviceTopology(descriptors, names));
  const network = createNetwork(options.proxied ?? false);
  closers.push(() => network.close());
  const started = await startServices(
    {
      ...options,
      services: planned,
      databaseUrls: databases.serviceUrls,
      endpoints: broker.endpoints,
      names,
      messageTopics: messageTopics(descriptors, names),
      network,
    },
    closers,
  );
  const pool = poolCache(databases.adminUrls, closers);
  const replicas = (service: string) => known(started.get(service), service);
  const services = {
    orders: replicas('order-svc'),
    relays: replicas('relay'),
    stocks: replicas('stock-svc'),
  };
  const client = clientCache(closers);
  const at = (list: readonly ServiceProcess[], replica = 0) => {
    const service = list[replica];
    if (!service) throw new RangeError(`there is no replica ${replica}`);
    return service;
  };
  const stockClient = (replica?: number) => client(StockService, at(services.stocks, replica).address);
  return {
    ...services,
    replicas,
    messageTopic: known(names.TXMSG_MESSAGE_TOPIC, 'message topic'),
    resultTopic: known(names.TXMSG_RESULT_TOPIC, 'result topic'),
    stockGroup: known(names.TXMSG_STOCK_CONSUMER_GROUP, 'group of stock-svc'),
    relayGroup: known(names.TXMSG_RESULT_CONSUMER_GROUP, 'group of the relays'),
    broker,
    databases: databases.servers,
    standbys: databases.standbys,
    network,
    orderDb: pool('order-db'),
    stockDb: pool('stock-db'),
    pool,
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
    migrate: (service) =>
      databases.migrate(
        known(
          descriptors.find(({ name }) => name === service),
          service,
        ),
      ),
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

async function makeTopology(broker: TestBroker, { topics, groups }: Topology): Promise<void> {
  for (const [topic, type] of topics) await broker.createTopic(topic, type);
  for (const [group, retryMaxTimes] of groups) await broker.createGroup(group, { retryMaxTimes });
}
