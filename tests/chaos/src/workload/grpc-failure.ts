import { status } from '@grpc/grpc-js';

/** Why a call failed. */
export interface GrpcFailure {
  /** Name of the status code. */
  readonly code: string;
  readonly message: string;
}

/** Reads a failed call. Throws any other error, because that is a fault of the chaos run itself. */
export function readFailure(error: unknown): GrpcFailure {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'number') throw error;
  return { code: codeName(error.code), message: error.message };
}

/** Name of a status code. */
export function codeName(code: number): string {
  return status[code] ?? `CODE_${code}`;
}
