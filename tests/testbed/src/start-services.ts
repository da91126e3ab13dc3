import { fileURLToPath } from 'node:url';
import { freePort, startTestService } from '@txmsg/stack/testing';
import type { Network } from './network.js';
import type { ServiceProcess } from './service-process.js';

/** What the services are started with. */
export interface ServicesOptions {
  readonly name: string;
  readonly orders?: number;
  readonly relays?: number;
  readonly stocks?: number;
  readonly orderDbUrl: string;
  readonly stockDbUrl: string;
  readonly endpoints: string;
  readonly messageTopic: string;
  readonly resultTopic: string;
  readonly stockGroup: string;
  readonly relayGroup: string;
  readonly network: Network;
  /** Old-space limit of each service's heap in MiB. */
  readonly maxHeapMib?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** The services of a system. */
export interface Services {
  readonly orders: readonly ServiceProcess[];
  readonly relays: readonly ServiceProcess[];
  readonly stocks: readonly ServiceProcess[];
}

interface Place {
  readonly name: string;
  readonly port: number;
  readonly internalPort: number;
}

/** Starts all services side by side; each reaches the others, the databases and the broker through the network. */
export async function startServices(
  options: ServicesOptions,
  closers: (() => Promise<unknown>)[],
): Promise<Services> {
  const orders = await places('order-svc', options.orders);
  const relays = await places('relay', options.relays);
  const stocks = await places('stock-svc', options.stocks);
  const launch = async (
    module: string,
    { name, port, internalPort }: Place,
    healthPorts: number[],
    env: Record<string, string>,
  ) => {
    const entry = fileURLToPath(import.meta.resolve(module));
    const service = await startTestService({
      name,
      entry,
      env: { ...commonEnv(options), ...env, ...options.env },
      healthPorts,
    });
    closers.push(() => service.remove());
    return describe(service, port, internalPort);
  };
  const [startedOrders, startedRelays, startedStocks] = await Promise.all([
    Promise.all(
      orders.map(async (place) =>
        launch(
          '@txmsg/order-svc/main',
          place,
          [place.port, place.internalPort],
          await orderEnv(options, place, relays),
        ),
      ),
    ),
    Promise.all(
      relays.map(async (place) =>
        launch('@txmsg/relay/main', place, [place.port], await relayEnv(options, place, orders, stocks)),
      ),
    ),
    Promise.all(
      stocks.map(async (place) =>
        launch(
          '@txmsg/stock-svc/main',
          place,
          [place.port, place.internalPort],
          await stockEnv(options, place),
        ),
      ),
    ),
  ]);
  return { orders: startedOrders, relays: startedRelays, stocks: startedStocks };
}

async function places(kind: string, count = 1): Promise<Place[]> {
  const list: Place[] = [];
  for (let index = 0; index < count; index += 1) {
    list.push({ name: `${kind}-${index}`, port: await freePort(), internalPort: await freePort() });
  }
  return list;
}

/** Adds the addresses; the process itself, its pid and state, stay live. */
function describe(
  service: Awaited<ReturnType<typeof startTestService>>,
  port: number,
  internalPort: number,
): ServiceProcess {
  const addresses = { address: `127.0.0.1:${port}`, internalAddress: `127.0.0.1:${internalPort}` };
  return Object.defineProperties(addresses, Object.getOwnPropertyDescriptors(service)) as ServiceProcess;
}

function commonEnv({
  messageTopic,
  resultTopic,
  stockGroup,
  relayGroup,
  maxHeapMib,
}: ServicesOptions): Record<string, string> {
  return {
    ...(maxHeapMib === undefined ? {} : { NODE_OPTIONS: `--max-old-space-size=${maxHeapMib}` }),
    TXMSG_MESSAGE_TOPIC: messageTopic,
    TXMSG_RESULT_TOPIC: resultTopic,
    TXMSG_STOCK_CONSUMER_GROUP: stockGroup,
    TXMSG_RESULT_CONSUMER_GROUP: relayGroup,
    TXMSG_LOG_LEVEL: 'info',
    // The shortest: what a killed process held comes again soon.
    TXMSG_STOCK_INVISIBLE_TIME: '10s',
    TXMSG_RELAY_INVISIBLE_TIME: '10s',
  };
}

async function orderEnv(
  { network, orderDbUrl }: ServicesOptions,
  place: Place,
  relays: readonly Place[],
): Promise<Record<string, string>> {
  const relayAddresses = await Promise.all(
    relays.map(({ name, port }) => network.address(place.name, name, `127.0.0.1:${port}`)),
  );
  return {
    TXMSG_ORDER_DB_URL: await through(network, place.name, 'order-db', orderDbUrl),
    TXMSG_ORDER_GRPC_PORT: String(place.port),
    TXMSG_ORDER_INTERNAL_PORT: String(place.internalPort),
    // Without a relay there is an address at which nobody listens.
    TXMSG_RELAY_ADDRESSES: relayAddresses.join(',') || '127.0.0.1:9',
  };
}

async function relayEnv(
  { network, endpoints }: ServicesOptions,
  place: Place,
  orders: readonly Place[],
  stocks: readonly Place[],
): Promise<Record<string, string>> {
  const reach = (list: readonly Place[]) =>
    Promise.all(
      list.map(({ name, internalPort }) => network.address(place.name, name, `127.0.0.1:${internalPort}`)),
    );
  return {
    TXMSG_RELAY_GRPC_PORT: String(place.port),
    TXMSG_ROCKETMQ_ENDPOINTS: await network.address(place.name, 'broker', endpoints),
    TXMSG_RELAY_PARTICIPANTS: `order-svc=${(await reach(orders)).join('|') || '127.0.0.1:9'}`,
    TXMSG_RELAY_CONSUMERS: `stock-svc=${(await reach(stocks)).join('|') || '127.0.0.1:9'}`,
  };
}

async function stockEnv(
  { network, stockDbUrl, endpoints }: ServicesOptions,
  place: Place,
): Promise<Record<string, string>> {
  return {
    TXMSG_STOCK_DB_URL: await through(network, place.name, 'stock-db', stockDbUrl),
    TXMSG_STOCK_GRPC_PORT: String(place.port),
    TXMSG_STOCK_INTERNAL_PORT: String(place.internalPort),
    TXMSG_ROCKETMQ_ENDPOINTS: await network.address(place.name, 'broker', endpoints),
  };
}

async function through(network: Network, from: string, to: string, url: string): Promise<string> {
  const target = new URL(url);
  target.host = await network.address(from, to, target.host);
  return target.href;
}
