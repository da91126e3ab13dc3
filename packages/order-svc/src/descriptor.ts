import { fileURLToPath } from 'node:url';
import type { ServiceDescriptor } from '@txmsg/stack/descriptor';

const program = (name: string): string => fileURLToPath(new URL(`./${name}.js`, import.meta.url));

/** How the local stack and the testbed start the order service. */
export const descriptor: ServiceDescriptor = {
  name: 'order-svc',
  entry: program('main'),
  migrate: program('migrate'),
  ports: {
    grpc: { env: 'TXMSG_ORDER_GRPC_PORT', default: 9090, hostEnv: 'TXMSG_ORDER_HOST' },
    internal: { env: 'TXMSG_ORDER_INTERNAL_PORT', default: 9091, hostEnv: 'TXMSG_ORDER_INTERNAL_HOST' },
  },
  databases: [{ env: 'TXMSG_ORDER_DB_URL', name: 'tx-msg-orders', label: 'orders' }],
  topics: [{ env: 'TXMSG_MESSAGE_TOPIC', name: 'topic_txmsg', type: 'TRANSACTION' }],
  participant: { port: 'internal' },
  peers: { relays: 'TXMSG_RELAY_ADDRESSES' },
  example: {
    port: 'grpc',
    method: 'txmsg.order.v1.OrderService/SubmitOrder',
    request: '{"product_id":1,"pay_count":2}',
  },
};
