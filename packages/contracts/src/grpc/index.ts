export { type ClientOptions, createGrpcClient, type GrpcClient } from './client.js';
export { createServiceDefinition, type MethodShape } from './service-definition.js';
