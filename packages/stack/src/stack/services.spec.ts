import { expect, it } from 'vitest';
import { localAddress } from '../parts/local-address.js';
import { publicHost, serviceEnv } from './services.js';
import type { StackState } from './state.js';

const state: StackState = {
  ports: {
    mysql: 1,
    rocketmq: { namesrv: 2, broker: 3, grpc: 4, remoting: 5, admin: 6, namesrvAdmin: 7, proxyAdmin: 8 },
    orderGrpc: 9090,
    orderInternal: 9091,
    relayGrpc: 7070,
    stockGrpc: 6060,
    stockInternal: 6061,
  },
  separate: false,
  profile: 'laptop',
  external: {},
};

it('connects the services to each other where they listen', () => {
  expect(serviceEnv(state, {})).toMatchObject({
    TXMSG_RELAY_PARTICIPANTS: 'order-svc=127.0.0.1:9091',
    TXMSG_RELAY_CONSUMERS: 'stock-svc=127.0.0.1:6061',
    TXMSG_RELAY_ADDRESSES: '127.0.0.1:7070',
  });
  const env = {
    TXMSG_ORDER_HOST: '::',
    TXMSG_ORDER_INTERNAL_HOST: '::1',
    TXMSG_RELAY_HOST: '[::1]',
    TXMSG_STOCK_HOST: '0.0.0.0',
    TXMSG_STOCK_INTERNAL_HOST: '::',
  };
  expect(serviceEnv(state, env)).toMatchObject({
    ...env,
    TXMSG_RELAY_PARTICIPANTS: 'order-svc=[::1]:9091',
    TXMSG_RELAY_CONSUMERS: 'stock-svc=[::1]:6061',
    TXMSG_RELAY_ADDRESSES: '[::1]:7070',
  });
  expect(localAddress(publicHost('order-svc', env), 9090)).toBe('[::1]:9090');
  expect(localAddress(publicHost('stock-svc', env), 6060)).toBe('127.0.0.1:6060');
});

it('hands on what the user has set for the addresses', () => {
  const env = { TXMSG_RELAY_ADDRESSES: 'relay.example:7070' };
  expect(serviceEnv(state, env)).toMatchObject(env);
});
