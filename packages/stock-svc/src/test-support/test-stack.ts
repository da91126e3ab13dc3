import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { StockAdminService, StockService } from '@txmsg/contracts';
import { createGrpcClient, type GrpcClient } from '@txmsg/grpc';
import {
  createSubscriber,
  createTransactionPublisher,
  type Subscriber,
  type TransactionPublisher,
} from '@txmsg/rocketmq';
import {
  freePort,
  startTestBroker,
  startTestDatabase,
  startTestService,
  type TestBroker,
  type TestDatabase,
  type TestService,
} from '@txmsg/stack/testing';
import { pino } from 'pino';
import { createStockDatabase, type StockDatabase } from './stock-database.js';

/** A stock service as a process of its own, with its own database server and broker. */
export interface TestStack {
  readonly server: TestDatabase;
  readonly broker: TestBroker;
  readonly stock: StockDatabase;
  readonly service: TestService;
  readonly api: GrpcClient<typeof StockService>;
  readonly admin: GrpcClient<typeof StockAdminService>;
  /** Publishes a transactional message: half, then commit. The body is bytes, a text, or what becomes JSON. */
  send(body: unknown, participant?: string): Promise<void>;
  /** Outcomes that came on the result topic so far, by txNo, each as often as it came. */
  readonly results: ReadonlyMap<string, readonly string[]>;
  stop(): Promise<void>;
}

const TOPICS = { message: 'topic_txmsg', result: 'topic_txresult', group: 'stock-svc' };
const logger = pino({ level: 'silent' });

/** Starts it all; `env` is added to the service's environment; the broker gives a message up after so many redeliveries. */
export async function startTestStack(
  env: Readonly<Record<string, string>> = {},
  retryMaxTimes = 1_000,
): Promise<TestStack> {
  const [server, broker] = await Promise.all([startTestDatabase(), startBroker(retryMaxTimes)]);
  const stock = await createStockDatabase(`127.0.0.1:${server.port}`);
  const { service, api, admin } = await startStock(stock, broker, env);
  const publisher = createTransactionPublisher({
    endpoints: broker.endpoints,
    topic: TOPICS.message,
    logger,
    check: async () => 'COMMIT',
  });
  const collector = startCollector(broker.endpoints);
  return {
    server,
    broker,
    stock,
    service,
    api,
    admin,
    results: collector.results,
    send: (body, participant = 'order-svc') => send(publisher, body, participant),
    async stop() {
      api.close();
      admin.close();
      await Promise.all([service.remove(), publisher.close(), collector.close(), stock.close()]);
      await Promise.all([server.stop(), broker.stop()]);
    },
  };
}

async function startBroker(retryMaxTimes: number): Promise<TestBroker> {
  const broker = await startTestBroker();
  await broker.createTopic(TOPICS.message, 'TRANSACTION');
  await broker.createTopic(TOPICS.result, 'NORMAL');
  await broker.createGroup(TOPICS.group, { retryMaxTimes });
  await broker.createGroup(`${TOPICS.group}-dlq`, { retryMaxTimes: 1_000_000 });
  await broker.createGroup('results', { retryMaxTimes: 1_000 });
  return broker;
}

async function startStock(
  stock: StockDatabase,
  broker: TestBroker,
  env: Readonly<Record<string, string>>,
): Promise<Pick<TestStack, 'service' | 'api' | 'admin'>> {
  const [grpcPort, internalPort] = [await freePort(), await freePort()];
  const service = await startTestService({
    name: 'stock-svc',
    entry: fileURLToPath(new URL('../../dist/main.js', import.meta.url)),
    env: {
      TXMSG_STOCK_DB_URL: stock.url,
      TXMSG_STOCK_GRPC_PORT: String(grpcPort),
      TXMSG_STOCK_INTERNAL_PORT: String(internalPort),
      TXMSG_ROCKETMQ_ENDPOINTS: broker.endpoints,
      TXMSG_STOCK_INVISIBLE_TIME: '10s',
      ...env,
    },
    healthPorts: [grpcPort, internalPort],
  });
  return {
    service,
    api: createGrpcClient(StockService, `127.0.0.1:${grpcPort}`),
    admin: createGrpcClient(StockAdminService, `127.0.0.1:${internalPort}`),
  };
}

/** Collects what comes on the result topic, until it is closed. */
function startCollector(endpoints: string) {
  const subscriber = createSubscriber({ endpoints, topic: TOPICS.result, group: 'results', logger });
  const stopping = new AbortController();
  const results = new Map<string, string[]>();
  const collecting = collect(subscriber, results, stopping.signal);
  return {
    results,
    async close() {
      stopping.abort();
      await collecting;
      await subscriber.close();
    },
  };
}

async function send(publisher: TransactionPublisher, body: unknown, participant: string): Promise<void> {
  const message = {
    topic: TOPICS.message,
    body: Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    keys: [],
    properties: participant === '' ? {} : { participant },
  };
  // A lost commit is made good by the check-back; a half message that was not taken is sent again.
  await until('a half message is taken', async () => {
    try {
      await publisher.end(await publisher.prepare(message), 'COMMIT');
      return true;
    } catch {
      return false;
    }
  });
}

async function collect(
  subscriber: Subscriber,
  results: Map<string, string[]>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const messages = await subscriber.receive({
        maxMessages: 32,
        invisibleMs: 10_000,
        waitMs: 5_000,
        signal,
      });
      for (const message of messages) note(results, message.body);
      if (messages.length > 0) await subscriber.ack(messages);
    } catch {
      // The broker is away, as some tests want it.
      await wait(200);
    }
  }
}

function note(results: Map<string, string[]>, body: Buffer): void {
  const envelope = JSON.parse(body.toString()) as {
    txResults: { txNo: string; outcome: string; reason?: string }[];
  };
  for (const { txNo, outcome, reason } of envelope.txResults) {
    results.set(txNo, [...(results.get(txNo) ?? []), reason ? `${outcome} ${reason}` : outcome]);
  }
}

/** Waits for a condition; fails with its name when it isn't met in time. */
export async function until(
  name: string,
  condition: () => Promise<boolean> | boolean,
  timeoutMs = 60_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not in ${timeoutMs} ms: ${name}`);
    await wait(50);
  }
}
