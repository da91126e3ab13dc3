import {
  create,
  type DescMessage,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { anyPack } from '@bufbuild/protobuf/wkt';
import { status as Code, Metadata, type StatusObject } from '@grpc/grpc-js';
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
  type Status,
  StatusSchema,
} from '@txmsg/contracts/google-rpc';
import { TxmsgError } from '@txmsg/core';
import { boundFacts, boundMessage, boundViolations } from './error-bounds.js';

const ERROR_DOMAIN = 'txmsg';

/**
 * The google.rpc.Status of any error. A TxmsgError keeps its details, cut so that all trailers fit 8 KiB. Any other
 * error is INTERNAL and tells nothing of itself.
 */
export function toStatus(error: unknown): Status {
  if (!(error instanceof TxmsgError) || error.code === 'INTERNAL') {
    return create(StatusSchema, { code: Code.INTERNAL, message: 'internal error' });
  }
  const { fieldViolations, retryDelayMs, info } = error.details;
  const details = [];
  if (fieldViolations)
    details.push(pack(BadRequestSchema, { fieldViolations: boundViolations(fieldViolations) }));
  if (retryDelayMs !== undefined)
    details.push(pack(RetryInfoSchema, { retryDelay: toDuration(retryDelayMs) }));
  if (info) {
    details.push(
      pack(ErrorInfoSchema, {
        reason: info.reason,
        domain: ERROR_DOMAIN,
        metadata: boundFacts(info.metadata ?? {}),
      }),
    );
  }
  return create(StatusSchema, { code: Code[error.code], message: boundMessage(error.message), details });
}

/** The Status as grpc-js sends it: code, message, and the whole Status in `grpc-status-details-bin`. */
export function toGrpcStatus(error: unknown): StatusObject {
  const status = toStatus(error);
  const metadata = new Metadata();
  if (status.details.length > 0) {
    metadata.set('grpc-status-details-bin', Buffer.from(toBinary(StatusSchema, status)));
  }
  return { code: status.code, details: status.message, metadata };
}

function pack<S extends DescMessage>(schema: S, init: MessageInitShape<S>) {
  return anyPack(schema, create(schema, init) as MessageShape<S>);
}

function toDuration(ms: number) {
  return { seconds: BigInt(Math.floor(ms / 1000)), nanos: Math.round((ms % 1000) * 1e6) };
}
