import type { DescMethod, DescService, MessageInitShape, MessageShape } from '@bufbuild/protobuf';

/**
 * How a server reads the requests and writes the responses of one method, where protobuf-es is too slow. Undefined
 * leaves a message to protobuf-es, which reads and writes the same bytes.
 */
export interface MethodCodec<M extends DescMethod = DescMethod> {
  readonly decodeRequest?: (bytes: Buffer) => MessageShape<M['input']> | undefined;
  readonly encodeResponse?: (message: MessageInitShape<M['output']>) => Buffer | undefined;
}

/** Codecs by method name. protobuf-es handles all other methods. */
export type ServiceCodecs<S extends DescService = DescService> = {
  readonly [K in keyof S['method']]?: MethodCodec<S['method'][K]>;
};
