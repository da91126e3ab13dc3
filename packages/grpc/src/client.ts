import type {
  DescMethod,
  DescMethodBiDiStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
  MessageInitShape,
  MessageShape,
} from '@bufbuild/protobuf';
import {
  type CallOptions,
  type ChannelCredentials,
  type ClientOptions as ChannelOptions,
  Client,
  type ClientDuplexStream,
  credentials,
  Metadata,
} from '@grpc/grpc-js';
import { isNamedTarget } from '@txmsg/core';
import { type MethodShape, methodDefinition } from './service-definition.js';

/** How a client reaches its server. */
export interface ClientOptions {
  /** Deadline of a unary call in milliseconds; a call's own `timeoutMs` overrides it. Default 5000. */
  readonly timeoutMs?: number;
  /** Default: plain text. */
  readonly credentials?: ChannelCredentials;
  /** Merged over the defaults (keepalive 10 s / 3 s, reconnect within 2 s, messages up to 16 MiB). */
  readonly channelOptions?: ChannelOptions;
}

/** Options of one call. */
export interface UnaryCallOptions {
  /** Deadline in milliseconds from now. */
  readonly timeoutMs?: number;
  /** Cancels the call. */
  readonly signal?: AbortSignal;
  /** Request metadata. */
  readonly metadata?: Metadata;
}

type ClientMethod<M extends DescMethod> =
  M extends DescMethodUnary<infer I, infer O>
    ? (request: MessageInitShape<I>, options?: UnaryCallOptions) => Promise<MessageShape<O>>
    : M extends DescMethodServerStreaming<infer I, infer O>
      ? (request: MessageInitShape<I>, options?: UnaryCallOptions) => AsyncIterable<MessageShape<O>>
      : M extends DescMethodBiDiStreaming<infer I, infer O>
        ? (options?: UnaryCallOptions) => ClientDuplexStream<MessageInitShape<I>, MessageShape<O>>
        : never;

/**
 * A typed client. A unary method gives a promise, a server stream an async iterable, and a bidirectional stream
 * grpc-js's own duplex stream, for its flow control. Calls fail with grpc-js's ServiceError.
 */
export type GrpcClient<S extends DescService> = {
  readonly [K in keyof S['method']]: ClientMethod<S['method'][K]>;
} & {
  /** Closes the channel and cancels the calls in progress. */
  close(): void;
};

const DEFAULT_TIMEOUT_MS = 5_000;
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

const DEFAULT_CHANNEL_OPTIONS: ChannelOptions = {
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 3_000,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
  // channelz counts every call for a debugging service that is not served here.
  'grpc.enable_channelz': 0,
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
};

/**
 * A name may stand for several replicas, such as the pods of a service. Calls go to all replicas that are reachable.
 */
const NAMED_CHANNEL_OPTIONS: ChannelOptions = {
  'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
  'grpc.service_config_disable_resolution': 1,
  // After a broken connection the name is resolved again soon, to find replicas with new addresses.
  'grpc.dns_min_time_between_resolutions_ms': 2_000,
};

/**
 * Creates a typed client of a protobuf-es service on a grpc-js channel. The client connects at its first call. The
 * creator closes it.
 *
 * @param address `host:port` or `dns:///host:port`; calls are balanced among the addresses that a name resolves to
 */
export function createGrpcClient<S extends DescService>(
  service: S,
  address: string,
  options: ClientOptions = {},
): GrpcClient<S> {
  const channel = new Client(address, options.credentials ?? credentials.createInsecure(), {
    ...DEFAULT_CHANNEL_OPTIONS,
    ...(isNamedTarget(address) ? NAMED_CHANNEL_OPTIONS : {}),
    ...options.channelOptions,
  });
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const methods = service.methods.map((method) => [
    method.localName,
    clientMethod(channel, method, timeoutMs),
  ]);
  return { ...Object.fromEntries(methods), close: () => channel.close() } as GrpcClient<S>;
}

function clientMethod(channel: Client, method: DescMethod, timeoutMs: number) {
  const { path, requestSerialize, responseDeserialize } = methodDefinition(method);
  switch (method.methodKind) {
    case 'unary':
      return (request: MethodShape, options?: UnaryCallOptions) =>
        unaryCall(channel, { path, requestSerialize, responseDeserialize }, request, {
          timeoutMs,
          ...options,
        });
    case 'server_streaming':
      return (request: MethodShape, options?: UnaryCallOptions) => {
        const metadata = options?.metadata ?? new Metadata();
        const call = channel.makeServerStreamRequest(
          path,
          requestSerialize,
          responseDeserialize,
          request,
          metadata,
          callOptions(options),
        );
        cancelOnAbort(call, options?.signal);
        return call;
      };
    case 'bidi_streaming':
      return (options?: UnaryCallOptions) => {
        const metadata = options?.metadata ?? new Metadata();
        const call = channel.makeBidiStreamRequest(
          path,
          requestSerialize,
          responseDeserialize,
          metadata,
          callOptions(options),
        );
        cancelOnAbort(call, options?.signal);
        return call;
      };
    default:
      throw new TypeError(
        `${method.parent.typeName}/${method.name}: client streaming is not used by any contract`,
      );
  }
}

interface UnaryCodec {
  readonly path: string;
  readonly requestSerialize: (message: MethodShape) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => MethodShape;
}

function unaryCall(channel: Client, codec: UnaryCodec, request: MethodShape, options: UnaryCallOptions) {
  return new Promise<MethodShape>((resolve, reject) => {
    const call = channel.makeUnaryRequest(
      codec.path,
      codec.requestSerialize,
      codec.responseDeserialize,
      request,
      options.metadata ?? new Metadata(),
      callOptions(options),
      (error, response) => {
        options.signal?.removeEventListener('abort', cancel);
        if (error) reject(error);
        else resolve(response as MethodShape);
      },
    );
    const cancel = () => call.cancel();
    if (options.signal?.aborted) cancel();
    else options.signal?.addEventListener('abort', cancel, { once: true });
  });
}

function callOptions(options: UnaryCallOptions | undefined): CallOptions {
  return options?.timeoutMs === undefined ? {} : { deadline: Date.now() + options.timeoutMs };
}

function cancelOnAbort(
  call: { cancel(): void; once(event: 'close', listener: () => void): unknown },
  signal?: AbortSignal,
) {
  if (!signal) return;
  const cancel = () => call.cancel();
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel, { once: true });
  call.once('close', () => signal.removeEventListener('abort', cancel));
}
