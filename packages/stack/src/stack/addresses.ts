import type { DatabaseDescriptor } from '../descriptor/service-descriptor.js';
import { databaseUrl } from '../parts/database-url.js';
import { localAddress, localHost } from '../parts/local-address.js';
import type { StackService, StackState } from './state.js';

/** A database of the stack and where it is. */
export interface StackDatabase extends DatabaseDescriptor {
  readonly url: string;
}

/** Where to reach the servers of a stack. */
export interface StackAddresses {
  readonly databases: readonly StackDatabase[];
  readonly rocketmqEndpoints: string;
  /** Empty when the address is unknown. */
  readonly namesrvAddr: string;
}

/** The addresses of a stack: those of its own servers, or of the given ones. */
export function stackAddresses({ ports, external, services }: StackState): StackAddresses {
  const databases = services.flatMap(({ descriptor }) => descriptor.databases ?? []);
  return {
    databases: databases.map((database) => ({
      ...database,
      url: external.databases[database.env] ?? databaseUrl(ports.mysql, database.name),
    })),
    rocketmqEndpoints: external.rocketmqEndpoints ?? `127.0.0.1:${ports.rocketmq.grpc}`,
    namesrvAddr:
      external.namesrvAddr ?? (external.rocketmqEndpoints ? '' : `127.0.0.1:${ports.rocketmq.namesrv}`),
  };
}

/** The key of a database's URL in `status --json`: `orderDbUrl` of `TXMSG_ORDER_DB_URL`. */
export function databaseKey({ env }: DatabaseDescriptor): string {
  const words = env.replace(/^TXMSG_/, '').toLowerCase();
  return words.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * The host that reaches a port of a service from this machine: the loopback address unless a variable says otherwise.
 */
export function serviceHost({ descriptor }: StackService, purpose: string, env: NodeJS.ProcessEnv): string {
  const { hostEnv } = descriptor.ports[purpose] ?? {};
  return localHost((hostEnv && env[hostEnv]) || '127.0.0.1');
}

/** `host:port` of a port of a service. Throws RangeError when the service has none for the purpose. */
export function serviceAddress(service: StackService, purpose: string, env: NodeJS.ProcessEnv): string {
  const port = service.ports[purpose];
  if (port === undefined) throw new RangeError(`${service.descriptor.name} has no port ${purpose}`);
  return localAddress(serviceHost(service, purpose, env), port);
}
