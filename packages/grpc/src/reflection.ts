import { type DescFile, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import type { Server, ServerDuplexStream, UntypedServiceImplementation } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { TxmsgError } from '@txmsg/core';
import { protoPath as healthProtoPath } from 'grpc-health-check';
import { toGrpcStatus } from './status.js';

/** Requests per stream. grpcurl sends a few. */
const MAX_REQUESTS = 1_000;

type ReflectionStream = ServerDuplexStream<unknown, unknown>;

/**
 * Adds server reflection for protobuf-es services and the health service, so grpcurl needs no proto files.
 *
 * @param files the files that define the services; their imports are added
 */
export function addReflection(server: Server, files: readonly DescFile[]): void {
  const seen = new Map<string, Buffer>();
  const visit = (file: DescFile): void => {
    if (seen.has(file.proto.name)) return;
    seen.set(file.proto.name, Buffer.from(toBinary(FileDescriptorProtoSchema, file.proto)));
    file.dependencies.forEach(visit);
  };
  files.forEach(visit);
  // The reflection package reads only the file descriptors of a package definition.
  const definition = {
    format: 'Protocol Buffer 3 DescriptorProto' as const,
    type: {},
    fileDescriptorProtos: [...seen.values()],
  };
  const reflection = new ReflectionService({ ...loadSync(healthProtoPath), txmsg: definition });
  // The reflection package uses only this part of the server.
  const adder: Pick<Server, 'addService'> = {
    addService: (service, handlers) => server.addService(service, paceHandlers(handlers)),
  };
  reflection.addToServer(adder as Server);
}

function paceHandlers(handlers: UntypedServiceImplementation): UntypedServiceImplementation {
  const paced = Object.entries(handlers).map(([name, handler]) => {
    const handle = handler as (stream: ReflectionStream) => void;
    return [name, (stream: ReflectionStream) => handle(paceResponses(stream))] as const;
  });
  return Object.fromEntries(paced);
}

/**
 * The reflection package answers every request at once. Here a stream reads its next request when the previous answer
 * has left.
 */
function paceResponses(stream: ReflectionStream): ReflectionStream {
  const write = stream.write.bind(stream);
  let requests = 0;
  stream.write = (response: unknown) => {
    requests += 1;
    if (requests > MAX_REQUESTS) {
      stream.pause();
      stream.emit(
        'error',
        toGrpcStatus(new TxmsgError('RESOURCE_EXHAUSTED', 'too many requests in a stream')),
      );
      return false;
    }
    stream.pause();
    return write(response, () => stream.resume());
  };
  return stream;
}
