import type { ServiceDescriptor } from '../descriptor/service-descriptor.js';
import type { StackService, StackState } from '../stack/state.js';

/** A service that publishes. */
export const orders: ServiceDescriptor = {
  name: 'order-svc',
  entry: '/nowhere/order-svc.js',
  ports: {
    grpc: { env: 'TXMSG_ORDER_GRPC_PORT', default: 9090, hostEnv: 'TXMSG_ORDER_HOST' },
    internal: { env: 'TXMSG_ORDER_INTERNAL_PORT', default: 9091, hostEnv: 'TXMSG_ORDER_INTERNAL_HOST' },
  },
  databases: [{ env: 'TXMSG_ORDER_DB_URL', name: 'tx-msg-orders', label: 'orders' }],
  topics: [{ env: 'TXMSG_MESSAGE_TOPIC', name: 'topic_txmsg', type: 'TRANSACTION' }],
  participant: { port: 'internal' },
  peers: { relays: 'TXMSG_RELAY_ADDRESSES' },
};

/** The relay. */
export const relay: ServiceDescriptor = {
  name: 'relay',
  entry: '/nowhere/relay.js',
  ports: { grpc: { env: 'TXMSG_RELAY_GRPC_PORT', default: 7070, hostEnv: 'TXMSG_RELAY_HOST' } },
  topics: [{ env: 'TXMSG_RESULT_TOPIC', name: 'topic_txresult', type: 'NORMAL' }],
  relay: { port: 'grpc' },
  peers: {
    broker: 'TXMSG_ROCKETMQ_ENDPOINTS',
    participants: 'TXMSG_RELAY_PARTICIPANTS',
    consumers: 'TXMSG_RELAY_CONSUMERS',
    messageTopics: 'TXMSG_RELAY_TOPICS',
  },
};

/** A service that consumes. */
export const stock: ServiceDescriptor = {
  name: 'stock-svc',
  entry: '/nowhere/stock-svc.js',
  ports: {
    grpc: { env: 'TXMSG_STOCK_GRPC_PORT', default: 6060, hostEnv: 'TXMSG_STOCK_HOST' },
    internal: { env: 'TXMSG_STOCK_INTERNAL_PORT', default: 6061, hostEnv: 'TXMSG_STOCK_INTERNAL_HOST' },
  },
  databases: [{ env: 'TXMSG_STOCK_DB_URL', name: 'tx-msg-stock', label: 'stock' }],
  topics: [{ env: 'TXMSG_MESSAGE_TOPIC', name: 'topic_txmsg', type: 'TRANSACTION' }],
  groups: [{ env: 'TXMSG_STOCK_CONSUMER_GROUP', name: 'stock-svc', deadLetters: true }],
  consumer: { port: 'internal' },
  peers: { broker: 'TXMSG_ROCKETMQ_ENDPOINTS' },
};

/** A user's own service, which consumes what others publish and publishes itself. */
export const shipping: ServiceDescriptor = {
  name: 'shipping-svc',
  entry: '/nowhere/shipping-svc.js',
  ports: {
    http: { env: 'SHIPPING_HTTP_PORT', default: 5050, probe: 'tcp' },
    internal: { env: 'SHIPPING_INTERNAL_PORT', default: 5051 },
  },
  databases: [{ env: 'SHIPPING_DB_URL', name: 'shipping', label: 'shipping' }],
  topics: [{ name: 'topic_ship', type: 'TRANSACTION' }],
  groups: [{ name: 'shipping-svc' }],
  participant: { port: 'internal' },
  consumer: { port: 'internal' },
  peers: { relays: 'SHIPPING_RELAYS', broker: 'SHIPPING_BROKER' },
  env: { SHIPPING_COLOUR: 'green' },
};

/** A stack of services on their default ports. */
export function sampleState(...descriptors: ServiceDescriptor[]): StackState {
  return {
    version: 2,
    ports: {
      mysql: 1,
      rocketmq: { namesrv: 2, broker: 3, grpc: 4, remoting: 5, admin: 6, namesrvAdmin: 7, proxyAdmin: 8 },
    },
    services: descriptors.map(onDefaultPorts),
    separate: false,
    profile: 'laptop',
    external: { databases: {} },
  };
}

function onDefaultPorts(descriptor: ServiceDescriptor): StackService {
  const ports = Object.entries(descriptor.ports).map(([purpose, port]) => [purpose, port.default] as const);
  return { descriptor, ports: Object.fromEntries(ports) };
}
