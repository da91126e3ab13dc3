import { join } from 'node:path';
import type { ServiceDescriptor } from '../descriptor/service-descriptor.js';
import { repoRoot } from './home.js';
import type { ServerPorts, StackService, StackState } from './state.js';

/** `state.json` as version 0.1.0 wrote it. It knew three services and held no version. */
export interface FirstState {
  readonly ports: ServerPorts & {
    readonly orderGrpc: number;
    readonly orderInternal: number;
    readonly relayGrpc: number;
    readonly stockGrpc: number;
    readonly stockInternal: number;
  };
  readonly separate: boolean;
  readonly profile: StackState['profile'];
  readonly external: {
    readonly orderDbUrl?: string;
    readonly stockDbUrl?: string;
    readonly rocketmqEndpoints?: string;
    readonly namesrvAddr?: string;
  };
}

/** True for a state without a version. */
export function isFirstState(state: FirstState | StackState): state is FirstState {
  return !('version' in state);
}

/**
 * The same stack as the current version writes it: enough to show and stop what runs. A later start takes the services'
 * own descriptors.
 */
export function stateFromFirst({ ports, separate, profile, external }: FirstState): StackState {
  const { orderDbUrl, stockDbUrl, ...broker } = external;
  return {
    version: 2,
    ports: { mysql: ports.mysql, rocketmq: ports.rocketmq },
    services: [
      firstService('ORDER', { grpc: ports.orderGrpc, internal: ports.orderInternal }, ORDER),
      firstService('RELAY', { grpc: ports.relayGrpc }, { name: 'relay' }),
      firstService('STOCK', { grpc: ports.stockGrpc, internal: ports.stockInternal }, STOCK),
    ],
    separate,
    profile,
    external: {
      databases: {
        ...(orderDbUrl && { TXMSG_ORDER_DB_URL: orderDbUrl }),
        ...(stockDbUrl && { TXMSG_STOCK_DB_URL: stockDbUrl }),
      },
      ...broker,
    },
  };
}

type Special = Pick<ServiceDescriptor, 'name' | 'databases' | 'participant'>;

const ORDER: Special = {
  name: 'order-svc',
  databases: [{ env: 'TXMSG_ORDER_DB_URL', name: 'tx-msg-orders', label: 'orders' }],
  participant: { port: 'internal' },
};
const STOCK: Special = {
  name: 'stock-svc',
  databases: [{ env: 'TXMSG_STOCK_DB_URL', name: 'tx-msg-stock', label: 'stock' }],
};

function firstService(word: string, ports: Record<string, number>, special: Special): StackService {
  const hostEnvs: Record<string, string> = {
    grpc: `TXMSG_${word}_HOST`,
    internal: `TXMSG_${word}_INTERNAL_HOST`,
  };
  const described = Object.entries(ports).map(([purpose, port]) => {
    const env = `TXMSG_${word}_${purpose.toUpperCase()}_PORT`;
    const hostEnv = hostEnvs[purpose];
    return [purpose, { env, default: port, ...(hostEnv && { hostEnv }) }] as const;
  });
  return {
    descriptor: {
      ...special,
      entry: join(repoRoot, 'packages', special.name, 'dist/main.js'),
      ports: Object.fromEntries(described),
    },
    ports,
  };
}
