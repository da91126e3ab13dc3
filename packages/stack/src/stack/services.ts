import { join } from 'node:path';
import { databaseUrl } from '../parts/database-url.js';
import { localAddress, localHost } from '../parts/local-address.js';
import { repoRoot } from './home.js';
import type { StackState } from './state.js';

/** The names of the services, in the order in which they are shown. */
export const serviceNames = ['order-svc', 'relay', 'stock-svc'] as const;

/** One of the three services. */
export type ServiceName = (typeof serviceNames)[number];

/** Where everything of a stack is reached; also the tail of `status --json`. */
export interface StackAddresses {
  readonly orderDbUrl: string;
  readonly stockDbUrl: string;
  readonly rocketmqEndpoints: string;
  readonly namesrvAddr: string;
}

/** The addresses of a stack: those of its own servers, or of the ones it was given. */
export function stackAddresses({ ports, external }: StackState): StackAddresses {
  return {
    orderDbUrl: external.orderDbUrl ?? databaseUrl(ports.mysql, 'tx-msg-orders'),
    stockDbUrl: external.stockDbUrl ?? databaseUrl(ports.mysql, 'tx-msg-stock'),
    rocketmqEndpoints: external.rocketmqEndpoints ?? `127.0.0.1:${ports.rocketmq.grpc}`,
    namesrvAddr:
      external.namesrvAddr ?? (external.rocketmqEndpoints ? '' : `127.0.0.1:${ports.rocketmq.namesrv}`),
  };
}

/** The ports of a service, by purpose. */
export function servicePorts(name: ServiceName, { ports }: StackState): Record<string, number> {
  if (name === 'order-svc') return { grpc: ports.orderGrpc, internal: ports.orderInternal };
  if (name === 'relay') return { grpc: ports.relayGrpc };
  return { grpc: ports.stockGrpc, internal: ports.stockInternal };
}

/** The variables that connect a service to the rest; all other TXMSG_ variables of the user are handed on. */
export function serviceEnv(state: StackState, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { ports } = state;
  const addresses = stackAddresses(state);
  const hosts = serviceHosts(env);
  return {
    TXMSG_RELAY_PARTICIPANTS: `order-svc=${localAddress(hosts.orderInternal, ports.orderInternal)}`,
    TXMSG_RELAY_CONSUMERS: `stock-svc=${localAddress(hosts.stockInternal, ports.stockInternal)}`,
    TXMSG_RELAY_ADDRESSES: localAddress(hosts.relayGrpc, ports.relayGrpc),
    ...env,
    TXMSG_ORDER_DB_URL: addresses.orderDbUrl,
    TXMSG_STOCK_DB_URL: addresses.stockDbUrl,
    TXMSG_ROCKETMQ_ENDPOINTS: addresses.rocketmqEndpoints,
    TXMSG_ORDER_GRPC_PORT: String(ports.orderGrpc),
    TXMSG_ORDER_INTERNAL_PORT: String(ports.orderInternal),
    TXMSG_RELAY_GRPC_PORT: String(ports.relayGrpc),
    TXMSG_STOCK_GRPC_PORT: String(ports.stockGrpc),
    TXMSG_STOCK_INTERNAL_PORT: String(ports.stockInternal),
  };
}

/** Where the servers of the services listen, by the names of their ports: on the loopback address unless variables say otherwise. */
export function serviceHosts(env: NodeJS.ProcessEnv) {
  const hostOf = (name: string): string => env[name] || '127.0.0.1';
  return {
    orderGrpc: hostOf('TXMSG_ORDER_HOST'),
    orderInternal: hostOf('TXMSG_ORDER_INTERNAL_HOST'),
    relayGrpc: hostOf('TXMSG_RELAY_HOST'),
    stockGrpc: hostOf('TXMSG_STOCK_HOST'),
    stockInternal: hostOf('TXMSG_STOCK_INTERNAL_HOST'),
  };
}

/** The host at which the public port of a service is reached from this machine. */
export function publicHost(name: ServiceName, env: NodeJS.ProcessEnv): string {
  const hosts = serviceHosts(env);
  if (name === 'order-svc') return localHost(hosts.orderGrpc);
  return localHost(name === 'relay' ? hosts.relayGrpc : hosts.stockGrpc);
}

/** The main module of a service, or its migration. */
export function serviceEntry(name: ServiceName, program: 'main' | 'migrate'): string {
  return join(repoRoot, 'packages', name, 'dist', `${program}.js`);
}
