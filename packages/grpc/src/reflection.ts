import { type DescFile, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import type { Server, ServerDuplexStream, UntypedServiceImplementation } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { TxmsgError } from '@txmsg/core';
import { protoPath as healthProtoPath } from 'grpc-health-check';
import { toGrpcStatus } from './status.js';

/** Requests of one stream; grpcurl sends a few. */
const MAX_REQUESTS = 1_000;

type ReflectionStream = ServerDuplexStream<unknown, unknown>;

/**
 * Adds server reflection for protobuf-es services and the health service, so that grpcurl needs no proto files.
 *
 * @param files the files that define the services; what they import is added
 */
export function addReflection(server: Server, files: readonly DescFile[]): void {
  const seen = new Map<string, Buffer>();
  const visit = (file: DescFile): void => {
    if (seen.has(file.proto.name)) return;
    seen.set(file.proto.name, Buffer.from(toBinary(FileDescriptorProtoSchema, file.proto)));
    file.dependencies.forEach(visit);
  };
  files.forEach(visit);
  // The reflection package reads nothing of a package definition but its file descriptors.
  const definition = {
    format: 'Protocol Buffer 3 DescriptorProto' as const,
    type: {},
    fileDescriptorProtos: [...seen.values()],
  };
  const reflection = new ReflectionService({ ...loadSync(healthProtoPath), txmsg: definition });
  // It uses nothing else of the server that it is added to.
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

/** The reflection package answers whatever comes: a stream reads its next request when the answer before has left. */
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
