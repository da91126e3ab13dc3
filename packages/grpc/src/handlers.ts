import type {
  DescMethod,
  DescMethodBiDiStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
  MessageInitShape,
  MessageShape,
} from '@bufbuild/protobuf';
import type { Metadata, ServerDuplexStream } from '@grpc/grpc-js';

/** What a handler knows about its call. */
export interface CallContext {
  /** Aborted when the caller is gone or its deadline has passed. */
  readonly signal: AbortSignal;
  /** The caller's deadline in milliseconds since the epoch; undefined when the caller set none. */
  readonly deadlineMs: number | undefined;
  /** Only the headers that the server passes on; `guard/call-headers.ts` lists them. */
  readonly metadata: Metadata;
  /** The caller's address. */
  readonly peer: string;
}

type Handler<M extends DescMethod> =
  M extends DescMethodUnary<infer I, infer O>
    ? (request: MessageShape<I>, context: CallContext) => Promise<MessageInitShape<O>> | MessageInitShape<O>
    : M extends DescMethodServerStreaming<infer I, infer O>
      ? (request: MessageShape<I>, context: CallContext) => AsyncIterable<MessageInitShape<O>>
      : M extends DescMethodBiDiStreaming<infer I, infer O>
        ? (
            stream: ServerDuplexStream<MessageShape<I>, MessageInitShape<O>>,
            context: CallContext,
          ) => Promise<void>
        : never;

/**
 * The handlers of a service, one per method. Each request has passed the rules of its proto. The exception is a
 * bidirectional stream: its handler reads, checks and ends it by itself, because it owns the flow control.
 */
export type ServiceHandlers<S extends DescService> = {
  readonly [K in keyof S['method']]: Handler<S['method'][K]>;
};
