import {
  create,
  type DescMessage,
  type DescMethod,
  type DescService,
  type MessageInitShape,
  toBinary,
} from '@bufbuild/protobuf';
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import { createBoundedDecoder } from './bound-repeated.js';
import type { MethodCodec, ServiceCodecs } from './method-codec.js';

/** A message as handlers and callers may give it: complete, or only the fields that are set. */
export type MethodShape = MessageInitShape<DescMessage>;

/**
 * Creates the grpc-js definition of a protobuf-es service, for `Server.addService` and for clients.
 *
 * Requests and responses are protobuf-es messages on both sides; plain init objects are completed before encoding.
 *
 * @param codecs reads and writes messages faster than protobuf-es does
 */
export function createServiceDefinition<S extends DescService>(
  service: S,
  codecs: ServiceCodecs<S> = {},
): ServiceDefinition {
  const codecOf = codecs as ServiceCodecs;
  return Object.fromEntries(
    service.methods.map((method) => [method.localName, methodDefinition(method, codecOf[method.localName])]),
  );
}

/** Creates the grpc-js definition of one method. */
export function methodDefinition(
  method: DescMethod,
  { decodeRequest, encodeResponse }: MethodCodec = {},
): MethodDefinition<MethodShape, MethodShape> {
  const request = createCodec(method.input);
  const response = createCodec(method.output);
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
    responseStream: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
    requestSerialize: request.encode,
    requestDeserialize: decodeRequest
      ? (bytes) => decodeRequest(bytes) ?? request.decode(bytes)
      : request.decode,
    responseSerialize: encodeResponse
      ? (message) => encodeResponse(message) ?? response.encode(message)
      : response.encode,
    responseDeserialize: response.decode,
    originalName: method.localName,
  };
}

function createCodec(schema: DescMessage) {
  return {
    encode(message: MethodShape): Buffer {
      const bytes = toBinary(schema, create(schema, message));
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    },
    decode: createBoundedDecoder(schema),
  };
}
