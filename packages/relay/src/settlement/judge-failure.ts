import { fromBinary } from '@bufbuild/protobuf';
import { anyIs } from '@bufbuild/protobuf/wkt';
import { status as Code, type ServiceError } from '@grpc/grpc-js';
import { RetryInfoSchema, StatusSchema } from '@txmsg/contracts/google-rpc';
import { TxmsgError } from '@txmsg/core';
import { isServiceError } from '@txmsg/grpc';

/**
 * What a failed call says:
 * - `outage`: the participant is unreachable, too busy, or takes nothing from us; the outcomes are not to blame;
 * - `refusal`: something among the outcomes is wrong, or there is too much of it;
 * - `fault`: the participant fails, perhaps at one of the outcomes.
 */
export type Failure = 'outage' | 'refusal' | 'fault';

const OUTAGES: ReadonlySet<unknown> = new Set([
  Code.UNAVAILABLE,
  Code.DEADLINE_EXCEEDED,
  Code.CANCELLED,
  Code.UNIMPLEMENTED,
  Code.UNAUTHENTICATED,
  Code.PERMISSION_DENIED,
]);
const REFUSALS: ReadonlySet<unknown> = new Set([Code.INVALID_ARGUMENT, Code.OUT_OF_RANGE]);
const DETAILS = 'grpc-status-details-bin';

/** Judges what a call to a participant rejected with. */
export function judgeFailure(error: unknown): Failure {
  // A TxmsgError comes from the client pool: every replica's circuit is open.
  if (error instanceof TxmsgError) return 'outage';
  if (!isServiceError(error)) return 'fault';
  const { code } = error;
  // A busy server says when to come back. A refusal of a large message doesn't.
  if (code === Code.RESOURCE_EXHAUSTED) return hasRetryInfo(error) ? 'outage' : 'refusal';
  if (OUTAGES.has(code)) return 'outage';
  return REFUSALS.has(code) ? 'refusal' : 'fault';
}

function hasRetryInfo({ metadata }: ServiceError): boolean {
  const [bytes] = metadata?.get(DETAILS) ?? [];
  if (!Buffer.isBuffer(bytes)) return false;
  try {
    return fromBinary(StatusSchema, bytes).details.some((detail) => anyIs(detail, RetryInfoSchema));
  } catch {
    // Details that can't be read tell nothing.
    return false;
  }
}
