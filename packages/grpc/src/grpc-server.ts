import type { DescFile, DescMethod, DescService } from '@bufbuild/protobuf';
import { Server, ServerCredentials, type ServerOptions } from '@grpc/grpc-js';
import { file_google_rpc_error_details } from '@txmsg/contracts/google-rpc';
import { joinHostPort, type Logger } from '@txmsg/core';
import { adaptHandlers } from './adapt-handlers.js';
import { guardServers } from './guard/guard-server.js';
import { http2ServersOf } from './guard/http2-servers.js';
import type { StreamPool } from './guard/request-streams.js';
import { PUBLIC_LIMITS, type ServerLimits } from './guard/server-limits.js';
import type { ServiceHandlers } from './handlers.js';
import { addHealth } from './health.js';
import type { ServiceCodecs } from './method-codec.js';
import { addReflection } from './reflection.js';
import { createServiceDefinition } from './service-definition.js';
import { createRequestValidator } from './validate-request.js';

/** A service and its handlers. */
export interface ServiceEntry {
  readonly service: DescService;
  readonly handlers: ServiceHandlers<DescService>;
  readonly codecs: ServiceCodecs;
}

/** Where a server listens and what it serves. */
export interface GrpcServerOptions {
  /** A name, or an IPv4 or IPv6 address. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly logger: Logger;
  /** Largest request message in bytes. Default 4 MiB. */
  readonly maxRequestBytes?: number;
  /** What callers may keep busy. Default: the limits of a public port. */
  readonly limits?: Partial<ServerLimits>;
  /** When the server pings a client, and how long the client may take to answer. Default 30 s and 10 s. */
  readonly keepalive?: KeepaliveTimes;
}

/** Times in milliseconds. When a client doesn't answer, its streams end. */
export interface KeepaliveTimes {
  /** Between two pings. */
  readonly timeMs: number;
  /** For an answer. */
  readonly timeoutMs: number;
}

/** A running gRPC server with health (`grpc.health.v1`) and reflection. */
export interface GrpcServer {
  /** The port it listens on. */
  readonly port: number;
  /** Sets the health of a service; the name '' is the server as a whole. The server starts as SERVING. */
  setServing(serving: boolean, service?: string): void;
  /** Sets the health to NOT_SERVING, lets calls finish for at most `graceMs`, then cuts them. */
  close(graceMs: number): Promise<void>;
}

const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
const HEALTH_WATCH_PATH = '/grpc.health.v1.Health/Watch';
const REFLECTION_PATHS = ['v1', 'v1alpha'].map(
  (version) => `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
);
const KEEPALIVE: KeepaliveTimes = { timeMs: 30_000, timeoutMs: 10_000 };

/**
 * Pairs a service with its handlers, checked by type.
 *
 * @param codecs reads and writes messages faster than protobuf-es does
 */
export function serviceEntry<S extends DescService>(
  service: S,
  handlers: ServiceHandlers<S>,
  codecs: ServiceCodecs<S> = {},
): ServiceEntry {
  return {
    service,
    handlers: handlers as unknown as ServiceHandlers<DescService>,
    codecs: codecs as ServiceCodecs,
  };
}

/**
 * Starts a gRPC server.
 *
 * @throws Error when the server can't listen
 */
export async function createGrpcServer(
  entries: readonly ServiceEntry[],
  options: GrpcServerOptions,
): Promise<GrpcServer> {
  const limits = { ...PUBLIC_LIMITS, ...options.limits };
  const server = new Server(channelOptions(options, limits));
  const environment = { logger: options.logger, validator: createRequestValidator() };
  for (const { service, handlers, codecs } of entries) {
    server.addService(
      createServiceDefinition(service, codecs),
      adaptHandlers(service, handlers, environment),
    );
  }
  const health = addHealth(server);
  const files: DescFile[] = [...entries.map(({ service }) => service.file), file_google_rpc_error_details];
  addReflection(server, files);
  const port = await bind(server, joinHostPort(options.host, options.port));
  const { logger } = options;
  const stopGuard = guardServers(http2ServersOf(server), { ...streamingPaths(entries), limits, logger });
  return {
    port,
    setServing: (serving, service = '') => health.setStatus(service, serving ? 'SERVING' : 'NOT_SERVING'),
    async close(graceMs) {
      health.setStatus('', 'NOT_SERVING');
      await shutdown(server, graceMs);
      stopGuard();
    },
  };
}

/** Paths of the methods that stream, including those of health and reflection. */
function streamingPaths(entries: readonly ServiceEntry[]) {
  const methods = entries.flatMap(({ service }) => service.methods);
  const pathOf = ({ parent, name }: DescMethod) => `/${parent.typeName}/${name}`;
  const isBidirectional = ({ methodKind }: DescMethod) => methodKind === 'bidi_streaming';
  const hasResponses = ({ methodKind }: DescMethod) => methodKind === 'server_streaming';
  const requestStreams = new Map<string, StreamPool>([
    ...methods.filter(isBidirectional).map((method) => [pathOf(method), 'service'] as const),
    ...REFLECTION_PATHS.map((path) => [path, 'reflection'] as const),
  ]);
  const responseStreams = new Set([
    ...requestStreams.keys(),
    ...methods.filter(hasResponses).map(pathOf),
    HEALTH_WATCH_PATH,
  ]);
  return { requestStreams, responseStreams, watchPath: HEALTH_WATCH_PATH };
}

function channelOptions(options: GrpcServerOptions, limits: ServerLimits): ServerOptions {
  const { maxRequestBytes = MAX_MESSAGE_BYTES, keepalive = KEEPALIVE } = options;
  return {
    'grpc.max_receive_message_length': maxRequestBytes,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_concurrent_streams': limits.maxCallsPerConnection,
    'grpc.keepalive_time_ms': keepalive.timeMs,
    'grpc.keepalive_timeout_ms': keepalive.timeoutMs,
    'grpc.keepalive_permit_without_calls': 1,
    'grpc.max_connection_idle_ms': limits.idleTimeoutMs,
    // channelz counts every call and message for a debugging service that is not served here. It costs a tenth of a
    // small call's CPU.
    'grpc.enable_channelz': 0,
    'grpc-node.max_session_memory': 64,
  };
}

function bind(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve(port);
    });
  });
}

function shutdown(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, graceMs);
    server.tryShutdown(() => {
      clearTimeout(cut);
      resolve();
    });
  });
}
