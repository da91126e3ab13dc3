export { isServiceError, statusOf } from './call-error.js';
export { type ClientOptions, createGrpcClient, type GrpcClient } from './client.js';
export { type ClientPool, type ClientPoolOptions, createClientPool } from './client-pool.js';
export {
  createGrpcServer,
  type GrpcServer,
  type GrpcServerOptions,
  type KeepaliveTimes,
  type ServiceEntry,
  serviceEntry,
} from './grpc-server.js';
export { INTERNAL_LIMITS, PUBLIC_LIMITS, type ServerLimits } from './guard/server-limits.js';
export type { CallContext, ServiceHandlers } from './handlers.js';
export type { MethodCodec, ServiceCodecs } from './method-codec.js';
export { createServiceDefinition, type MethodShape } from './service-definition.js';
export { toStatus } from './status.js';
export { encodeTimestamp } from './timestamp.js';
export { createRequestValidator, type RequestValidator } from './validate-request.js';
