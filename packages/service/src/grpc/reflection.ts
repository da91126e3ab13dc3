import { type DescFile, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { loadSync } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { protoPath as healthProtoPath } from 'grpc-health-check';

/**
 * Server reflection for protobuf-es services and the health service, so that grpcurl needs no proto files.
 *
 * @param files the files that define the services; what they import is added
 */
export function createReflection(files: readonly DescFile[]): ReflectionService {
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
  return new ReflectionService({ ...loadSync(healthProtoPath), txmsg: definition });
}
