import type { ServiceError, status } from '@grpc/grpc-js';

/** The call failed with a gRPC status; it is no error of ours, such as a TxmsgError, and none of the connection. */
export function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number';
}

/** The gRPC status that a call failed with; undefined for any other error. */
export function statusOf(error: unknown): status | undefined {
  return isServiceError(error) ? error.code : undefined;
}
