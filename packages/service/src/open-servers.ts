import {
  createGrpcServer,
  type GrpcServer,
  type GrpcServerOptions,
  INTERNAL_LIMITS,
  type ServiceEntry,
} from '@txmsg/grpc';
import type { ServiceScope } from './lifecycle.js';

/** Where the two servers listen, as `serverSettings` gives it. */
export interface ServerConfig {
  readonly host: string;
  readonly grpcPort: number;
  readonly internalHost: string;
  readonly internalPort: number;
  readonly graceMs: number;
}

/** What the two servers serve. */
export interface ServerContent {
  /** For callers, under the limits of a public port. */
  readonly open: readonly ServiceEntry[];
  /** For relays and operators. */
  readonly internal: readonly ServiceEntry[];
  /** Largest request message of the public port in bytes. Default 4 MiB. */
  readonly maxRequestBytes?: number;
  /** Whether the service can do its work now: the health that both servers begin with. */
  isServing(): boolean;
}

/** The two servers of a service. */
export interface Servers {
  readonly grpcPort: number;
  readonly internalPort: number;
  /** Tells the health of both. */
  setServing(serving: boolean): void;
}

/** Opens the internal and the public server. The scope stops both within the grace time, the public one first. */
export async function openServers(
  config: ServerConfig,
  { open, internal, maxRequestBytes, isServing }: ServerContent,
  { logger, onStop }: Pick<ServiceScope, 'logger' | 'onStop'>,
): Promise<Servers> {
  const servers: GrpcServer[] = [];
  const setServing = (serving: boolean) => {
    for (const server of servers) server.setServing(serving);
  };
  const start = async (name: string, entries: readonly ServiceEntry[], options: GrpcServerOptions) => {
    const server = await createGrpcServer(entries, options);
    onStop(name, () => server.close(config.graceMs));
    servers.push(server);
    setServing(isServing());
    logger.info({ port: server.port }, `${name} is up`);
    return server.port;
  };
  const { host, grpcPort, internalHost, internalPort } = config;
  const inside = { host: internalHost, port: internalPort, limits: INTERNAL_LIMITS, logger };
  const internalAt = await start('internal server', internal, inside);
  const outside = { host, port: grpcPort, logger, ...(maxRequestBytes !== undefined && { maxRequestBytes }) };
  return { grpcPort: await start('public server', open, outside), internalPort: internalAt, setServing };
}
