export { type Backoff, backoffDelayMs, sleep } from './backoff.js';
export { chunks } from './chunks.js';
export { commonSettings } from './config/common-settings.js';
export { type Config, ConfigError, loadConfig, type Setting, type Settings } from './config/load-config.js';
export {
  durationMs,
  endpoints,
  flag,
  host,
  type LogLevel,
  logLevel,
  port,
  proxyEndpoints,
  secretUrl,
  text,
  topicName,
  wholeNumber,
} from './config/setting-types.js';
export { type ErrorCode, type ErrorDetails, TxmsgError } from './error.js';
export { armFailpoints, type Failpoint, FailpointError, failpoint, failpoints } from './failpoint.js';
export { type ClientPool, type ClientPoolOptions, createClientPool } from './grpc/client-pool.js';
export {
  createGrpcServer,
  type GrpcServer,
  type GrpcServerOptions,
  type KeepaliveTimes,
  type ServiceEntry,
  serviceEntry,
} from './grpc/grpc-server.js';
export { INTERNAL_LIMITS, PUBLIC_LIMITS, type ServerLimits } from './grpc/guard/server-limits.js';
export type { CallContext, ServiceHandlers } from './grpc/handlers.js';
export { toStatus } from './grpc/status.js';
export { createRequestValidator, type RequestValidator } from './grpc/validate-request.js';
export { runService, type ServiceScope } from './lifecycle.js';
export { createLogger, type Logger, MAX_LOG_LINE_BYTES } from './log/logger.js';
export { isAddress, joinHostPort } from './net/address.js';
export { createTurns } from './turns.js';
export { uuidV7 } from './uuid-v7.js';
