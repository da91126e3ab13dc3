import { expect, it } from 'vitest';
import type { ServiceDescriptor } from '../descriptor/service-descriptor.js';
import { orders, relay, sampleState, shipping, stock } from '../test-support/sample-services.js';
import { serviceAddress } from './addresses.js';
import { serviceEnv } from './service-env.js';
import type { StackState } from './state.js';

const three = sampleState(orders, relay, stock);
const four = sampleState(orders, relay, stock, shipping);

function envOf({ name }: ServiceDescriptor, state: StackState, env: NodeJS.ProcessEnv = {}) {
  return serviceEnv(serviceOf(name, state), state, env);
}

function serviceOf(name: string, { services }: StackState) {
  const service = services.find(({ descriptor }) => descriptor.name === name);
  if (service === undefined) throw new RangeError(`no ${name}`);
  return service;
}

it('connects the services to each other where they listen', () => {
  expect(envOf(relay, three)).toEqual({
    TXMSG_RELAY_GRPC_PORT: '7070',
    TXMSG_RELAY_PARTICIPANTS: 'order-svc=127.0.0.1:9091',
    TXMSG_RELAY_CONSUMERS: 'stock-svc=127.0.0.1:6061',
    TXMSG_RELAY_TOPICS: 'topic_txmsg',
    TXMSG_ROCKETMQ_ENDPOINTS: '127.0.0.1:4',
  });
  expect(envOf(orders, three)).toEqual({
    TXMSG_ORDER_GRPC_PORT: '9090',
    TXMSG_ORDER_INTERNAL_PORT: '9091',
    TXMSG_ORDER_DB_URL: 'mysql://txmsg:txmsg@127.0.0.1:1/tx-msg-orders',
    TXMSG_RELAY_ADDRESSES: '127.0.0.1:7070',
  });
  const env = {
    TXMSG_ORDER_HOST: '::',
    TXMSG_ORDER_INTERNAL_HOST: '::1',
    TXMSG_RELAY_HOST: '[::1]',
    TXMSG_STOCK_HOST: '0.0.0.0',
    TXMSG_STOCK_INTERNAL_HOST: '::',
  };
  expect(envOf(relay, three, env)).toMatchObject({
    ...env,
    TXMSG_RELAY_PARTICIPANTS: 'order-svc=[::1]:9091',
    TXMSG_RELAY_CONSUMERS: 'stock-svc=[::1]:6061',
  });
  expect(envOf(orders, three, env)).toMatchObject({ ...env, TXMSG_RELAY_ADDRESSES: '[::1]:7070' });
  expect(serviceAddress(serviceOf('order-svc', three), 'grpc', env)).toBe('[::1]:9090');
  expect(serviceAddress(serviceOf('stock-svc', three), 'grpc', env)).toBe('127.0.0.1:6060');
});

it('tells the relay of a fourth service, and that one of the relay', () => {
  expect(envOf(relay, four)).toMatchObject({
    TXMSG_RELAY_PARTICIPANTS: 'order-svc=127.0.0.1:9091,shipping-svc=127.0.0.1:5051',
    TXMSG_RELAY_CONSUMERS: 'stock-svc=127.0.0.1:6061,shipping-svc=127.0.0.1:5051',
    TXMSG_RELAY_TOPICS: 'topic_txmsg,topic_ship',
  });
  expect(envOf(shipping, four)).toEqual({
    SHIPPING_HTTP_PORT: '5050',
    SHIPPING_INTERNAL_PORT: '5051',
    SHIPPING_DB_URL: 'mysql://txmsg:txmsg@127.0.0.1:1/shipping',
    SHIPPING_RELAYS: '127.0.0.1:7070',
    SHIPPING_BROKER: '127.0.0.1:4',
    SHIPPING_COLOUR: 'green',
  });
});

it('hands on what the user has set for the addresses', () => {
  const env = { TXMSG_RELAY_ADDRESSES: 'relay.example:7070' };
  expect(envOf(orders, three, env)).toMatchObject(env);
  expect(envOf(shipping, four, { SHIPPING_COLOUR: 'red' })).toMatchObject({ SHIPPING_COLOUR: 'red' });
});

it('takes the topic of a variable, and the stack where it was told that others are', () => {
  expect(envOf(relay, three, { TXMSG_MESSAGE_TOPIC: 'mine' })).toMatchObject({ TXMSG_RELAY_TOPICS: 'mine' });
  const external = { databases: { TXMSG_ORDER_DB_URL: 'mysql://else/orders' }, rocketmqEndpoints: 'mq:8081' };
  const elsewhere = { ...three, external };
  expect(envOf(orders, elsewhere)).toMatchObject({ TXMSG_ORDER_DB_URL: 'mysql://else/orders' });
  expect(envOf(stock, elsewhere)).toMatchObject({
    TXMSG_STOCK_DB_URL: 'mysql://txmsg:txmsg@127.0.0.1:1/tx-msg-stock',
    TXMSG_ROCKETMQ_ENDPOINTS: 'mq:8081',
  });
});
