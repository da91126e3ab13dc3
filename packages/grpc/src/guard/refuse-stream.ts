import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { TxmsgError } from '@txmsg/core';
import { toGrpcStatus } from '../status.js';

/** An answer that ends a call before its handler runs, or instead of it. */
export type Refusal = OutgoingHttpHeaders;

/** Creates the answer once for all calls that get it. `retryDelayMs` travels as RetryInfo. */
export function createRefusal(
  code: 'RESOURCE_EXHAUSTED' | 'DEADLINE_EXCEEDED' | 'UNAVAILABLE',
  message: string,
  retryDelayMs?: number,
): Refusal {
  const status = toGrpcStatus(
    new TxmsgError(code, message, retryDelayMs === undefined ? {} : { retryDelayMs }),
  );
  return {
    ':status': 200,
    'content-type': 'application/grpc+proto',
    'grpc-status': status.code,
    'grpc-message': encodeURI(status.details ?? ''),
    ...status.metadata?.toHttp2Headers(),
  };
}

/**
 * Ends a call with the answer. When an answer has already begun, ends it with RST_STREAM, which callers see as
 * RESOURCE_EXHAUSTED.
 */
export function refuseStream(stream: ServerHttp2Stream, refusal: Refusal): void {
  if (stream.destroyed || stream.closed) return;
  if (stream.headersSent) {
    stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    return;
  }
  // Further bytes of the caller are thrown away, and the caller is told to stop.
  stream.resume();
  stream.respond(refusal, { endStream: true });
  stream.close(constants.NGHTTP2_NO_ERROR);
}
