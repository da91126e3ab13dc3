import { StackError } from '../errors.js';
import { rocketmqPorts } from '../parts/rocketmq-ports.js';
import { portOrFree } from '../ports.js';
import type { StackPorts } from './state.js';

/**
 * The documented ports (or those that variables name), each replaced by a free one where it is taken. Throws USAGE when a
 * variable isn't a port.
 */
export async function choosePorts(env: NodeJS.ProcessEnv): Promise<StackPorts> {
  return {
    mysql: await portOrFree(3306),
    rocketmq: await rocketmqPorts('documented'),
    orderGrpc: await portOrFree(portOf(env, 'TXMSG_ORDER_GRPC_PORT', 9090)),
    orderInternal: await portOrFree(portOf(env, 'TXMSG_ORDER_INTERNAL_PORT', 9091)),
    relayGrpc: await portOrFree(portOf(env, 'TXMSG_RELAY_GRPC_PORT', 7070)),
    stockGrpc: await portOrFree(portOf(env, 'TXMSG_STOCK_GRPC_PORT', 6060)),
    stockInternal: await portOrFree(portOf(env, 'TXMSG_STOCK_INTERNAL_PORT', 6061)),
  };
}

function portOf(env: NodeJS.ProcessEnv, name: string, fallback: number): number {
  const text = env[name];
  if (!text) return fallback;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new StackError('USAGE', `${name} is ${JSON.stringify(text)}, which isn't a port`);
  }
  return port;
}
