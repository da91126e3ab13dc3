import type {
  Client,
  ClientReadableStream,
  ClientUnaryCall,
  CallOptions as GrpcCallOptions,
  Metadata,
  ServiceError,
} from '@grpc/grpc-js';
import { BrokerError } from './broker-error.js';
import { fromGrpc } from './status.js';

/** Bounds of one gRPC call. */
export interface Bounds {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** A unary method of a generated client, in its fullest form. */
export type UnaryMethod<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: Partial<GrpcCallOptions>,
  callback: (error: ServiceError | null, response: Response) => void,
) => ClientUnaryCall;

/** Calls a unary method of `client` with a deadline and a signal. Rejects with BrokerError only. */
export function callUnary<Request, Response>(
  client: Client,
  method: UnaryMethod<Request, Response>,
  request: Request,
  metadata: Metadata,
  { timeoutMs, signal }: Bounds,
  what: string,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(new BrokerError('CLOSED', `${what}: aborted before it was sent`));
      return;
    }
    const options = { deadline: Date.now() + timeoutMs };
    const call = method.call(client, request, metadata, options, (error, response) => {
      signal?.removeEventListener('abort', cancel);
      if (error) {
        reject(fromGrpc(error, what, hadConnection(client, call)));
      } else {
        resolve(response);
      }
    });
    const cancel = () => call.cancel();
    signal?.addEventListener('abort', cancel);
  });
}

/**
 * The peer of a call is its channel's target until the call has a connection, and that connection's address afterwards.
 */
function hadConnection(client: Client, call: ClientUnaryCall): boolean {
  return call.getPeer() !== client.getChannel().getTarget();
}

/**
 * Reads a server stream until it ends. An aborted signal cancels the call, and so does a reader that stops early.
 * Throws BrokerError only.
 */
export async function* readStream<Response>(
  stream: ClientReadableStream<Response>,
  signal: AbortSignal,
  what: string,
): AsyncGenerator<Response, void, void> {
  const cancel = () => stream.cancel();
  if (signal.aborted) {
    cancel();
  }
  signal.addEventListener('abort', cancel);
  // After its reader has left, nobody hears the call's errors. Without a listener they would end the process.
  stream.on('error', ignore);
  try {
    for await (const response of stream as AsyncIterable<Response>) {
      yield response;
    }
  } catch (error) {
    throw fromGrpc(error as ServiceError, what, false);
  } finally {
    signal.removeEventListener('abort', cancel);
    cancel();
  }
}

function ignore(): void {}
