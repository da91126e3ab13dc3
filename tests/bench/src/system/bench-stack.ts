import { startTestBroker, startTestDatabase, type TestBroker, type TestDatabase } from '@txmsg/stack/testing';
import { type System, type SystemOptions, startSystem } from '@txmsg/testbed';
import { createConnection } from 'mysql2/promise';
import { tuneDatabase } from './tune-database.js';

/**
 * One database server and one broker, as in production: every commit is flushed, and the broker has its full heap and
 * JIT.
 */
export interface BenchStack {
  readonly database: TestDatabase;
  readonly broker: TestBroker;
  /** Starts services in databases and topics of their own on this stack. */
  startSystem(options?: BenchSystemOptions): Promise<BenchSystem>;
  stop(): Promise<void>;
}

/** What differs between systems. */
export type BenchSystemOptions = Pick<SystemOptions, 'orders' | 'relays' | 'stocks' | 'env'>;

/** A system and its processes. */
export interface BenchSystem {
  readonly system: System;
  readonly orderDbUrl: string;
  readonly stockDbUrl: string;
  /** host:port of each order-svc. */
  readonly addresses: readonly string[];
  /** Pids by the name under which their CPU is shown. */
  readonly processes: ReadonlyMap<string, readonly number[]>;
  stop(): Promise<void>;
}

/** The processes whose CPU counts for an order, in the order in which they are shown. */
export const PROCESS_NAMES = ['order-svc', 'relay', 'stock-svc', 'broker', 'database'] as const;

const ENV: Readonly<Record<string, string>> = {
  // As in production. At level info a service writes a line now and then, never one per order.
  TXMSG_LOG_LEVEL: 'info',
  // Lets the inspector be opened from outside in several processes. While closed it costs nothing.
  NODE_OPTIONS: '--inspect-port=0',
};

/** Starts the servers. */
export async function startBenchStack(): Promise<BenchStack> {
  const started = await Promise.allSettled([startTestDatabase(), startTestBroker({ profile: 'bench' })]);
  const [database, broker] = started;
  if (database.status === 'rejected' || broker.status === 'rejected') {
    await Promise.all(started.map((server) => server.status === 'fulfilled' && server.value.stop()));
    throw database.status === 'rejected' ? database.reason : (broker as PromiseRejectedResult).reason;
  }
  const stack = { database: database.value, broker: broker.value };
  await withConnection(stack.database.url('mysql'), tuneDatabase);
  return {
    ...stack,
    startSystem: (options = {}) => startBenchSystem(stack, options),
    async stop() {
      await stack.broker.stop();
      await stack.database.stop();
    },
  };
}

async function startBenchSystem(
  { database, broker }: Pick<BenchStack, 'database' | 'broker'>,
  options: BenchSystemOptions,
): Promise<BenchSystem> {
  const system = await startSystem({
    ...options,
    env: { ...ENV, ...options.env },
    broker,
    databaseAddress: `127.0.0.1:${database.port}`,
  });
  const pids = (services: readonly { readonly pid: number | undefined }[]) =>
    services.map(({ pid }) => pid).filter((pid) => pid !== undefined);
  return {
    system,
    orderDbUrl: await urlOf(database, system.orderDb),
    stockDbUrl: await urlOf(database, system.stockDb),
    addresses: system.orders.map(({ address }) => address),
    processes: new Map([
      ['order-svc', pids(system.orders)],
      ['relay', pids(system.relays)],
      ['stock-svc', pids(system.stocks)],
      ['broker', pids([...broker.parts.values()])],
      ['database', pids([database])],
    ]),
    stop: () => system.stop(),
  };
}

async function urlOf(database: TestDatabase, pool: System['orderDb']): Promise<string> {
  const [rows] = await pool.query('SELECT DATABASE() AS name');
  const [row] = rows as { name: string }[];
  return database.url(row?.name ?? '');
}

/** Runs something on a connection of its own. */
export async function withConnection<T>(
  uri: string,
  work: (connection: Awaited<ReturnType<typeof createConnection>>) => Promise<T>,
): Promise<T> {
  const connection = await createConnection({ uri, timezone: 'Z' });
  try {
    return await work(connection);
  } finally {
    await connection.end();
  }
}
