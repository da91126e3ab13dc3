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
import { ORDER_DECODERS } from './decode-orders.js';
import { SUBMITTED_ENCODERS } from './encode-submitted.js';

/** A message in the form in which handlers and callers may give it: complete, or just the fields that are set. */
export type MethodShape = MessageInitShape<DescMessage>;

/**
 * Makes the grpc-js definition of a protobuf-es service, for `Server.addService` and for clients.
 *
 * Requests and responses cross it as protobuf-es messages; plain init objects are completed before encoding.
 */
export function createServiceDefinition(service: DescService): ServiceDefinition {
  return Object.fromEntries(service.methods.map((method) => [method.localName, methodDefinition(method)]));
}

/** Makes the grpc-js definition of one method. */
export function methodDefinition(method: DescMethod): MethodDefinition<MethodShape, MethodShape> {
  const request = codec(method.input);
  const response = codec(method.output);
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
    responseStream: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
    requestSerialize: request.encode,
    requestDeserialize: request.decode,
    responseSerialize: response.encode,
    responseDeserialize: response.decode,
    originalName: method.localName,
  };
}

function codec(schema: DescMessage) {
  const encodePlain = SUBMITTED_ENCODERS.get(schema);
  const decodePlain = ORDER_DECODERS.get(schema);
  const decode = createBoundedDecoder(schema);
  return {
    encode(message: MethodShape): Buffer {
      const plain = encodePlain?.(message);
      if (plain) return plain;
      const bytes = toBinary(schema, create(schema, message));
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    },
    decode: (bytes: Buffer) => decodePlain?.(bytes) ?? decode(bytes),
  };
}
