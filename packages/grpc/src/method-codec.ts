import type { DescMethod, DescService, MessageInitShape, MessageShape } from '@bufbuild/protobuf';

/**
 * How a server reads the requests of one method and writes its answers where protobuf-es is too slow. Undefined leaves a
 * message to protobuf-es, which reads and writes the same bytes.
 */
export interface MethodCodec<M extends DescMethod = DescMethod> {
  readonly decodeRequest?: (bytes: Buffer) => MessageShape<M['input']> | undefined;
  readonly encodeResponse?: (message: MessageInitShape<M['output']>) => Buffer | undefined;
}

/** Codecs by the names of a service's methods; the others are protobuf-es' alone. */
export type ServiceCodecs<S extends DescService = DescService> = {
  readonly [K in keyof S['method']]?: MethodCodec<S['method'][K]>;
};
