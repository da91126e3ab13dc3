import { fileURLToPath } from 'node:url';
import type { ServiceDescriptor } from '@txmsg/stack/descriptor';

const program = (name: string): string => fileURLToPath(new URL(`./${name}.js`, import.meta.url));

/** How the local stack and the testbed start the stock service. */
export const descriptor: ServiceDescriptor = {
  name: 'stock-svc',
  entry: program('main'),
  migrate: program('migrate'),
  seed: { program: program('seed'), port: 'grpc', detail: '10 products' },
  ports: {
    grpc: { env: 'TXMSG_STOCK_GRPC_PORT', default: 6060, hostEnv: 'TXMSG_STOCK_HOST' },
    internal: { env: 'TXMSG_STOCK_INTERNAL_PORT', default: 6061, hostEnv: 'TXMSG_STOCK_INTERNAL_HOST' },
  },
  databases: [{ env: 'TXMSG_STOCK_DB_URL', name: 'tx-msg-stock', label: 'stock' }],
  topics: [
    { env: 'TXMSG_MESSAGE_TOPIC', name: 'topic_txmsg', type: 'TRANSACTION' },
    { env: 'TXMSG_RESULT_TOPIC', name: 'topic_txresult', type: 'NORMAL' },
  ],
  groups: [{ env: 'TXMSG_STOCK_CONSUMER_GROUP', name: 'stock-svc', deadLetters: true }],
  consumer: { port: 'internal' },
  peers: { broker: 'TXMSG_ROCKETMQ_ENDPOINTS' },
  example: {
    port: 'grpc',
    method: 'txmsg.stock.v1.StockService/GetStockTransaction',
    request: '{"tx_no":"…"}',
  },
};
