import type { PortDescriptor, ServiceDescriptor } from '../descriptor/service-descriptor.js';
import { StackError } from '../errors.js';
import { rocketmqPorts } from '../parts/rocketmq-ports.js';
import { portOrFree } from '../ports.js';
import type { ServerPorts } from './state.js';

/** The documented ports of the servers, with a free one in place of each that is taken. */
export async function chooseServerPorts(): Promise<ServerPorts> {
  return { mysql: await portOrFree(3306), rocketmq: await rocketmqPorts('documented') };
}

/**
 * A service's default ports (or those that variables name), with a free one in place of each that is taken. Ports in
 * `kept` stay. Throws USAGE when a variable isn't a port.
 */
export async function chooseServicePorts(
  { ports }: ServiceDescriptor,
  env: NodeJS.ProcessEnv,
  kept: Readonly<Record<string, number>> = {},
): Promise<Record<string, number>> {
  const chosen: Record<string, number> = {};
  for (const [purpose, port] of Object.entries(ports)) {
    chosen[purpose] = kept[purpose] ?? (await portOrFree(wantedPort(port, env)));
  }
  return chosen;
}

function wantedPort({ env: name, default: fallback }: PortDescriptor, env: NodeJS.ProcessEnv): number {
  const text = env[name];
  if (!text) return fallback;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new StackError('USAGE', `${name} is ${JSON.stringify(text)}, which isn't a port`);
  }
  return port;
}
