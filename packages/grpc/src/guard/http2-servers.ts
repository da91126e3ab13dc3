import type { Http2Server } from 'node:http2';
import type { Server } from '@grpc/grpc-js';

/**
 * The HTTP/2 servers of a bound grpc-js server. grpc-js itself shows no stream and no connection, and no interceptor
 * sees bytes that have arrived in part or that wait to be sent. The field is private, so a new version of grpc-js may
 * lose it.
 *
 * @throws Error when there is none
 */
export function http2ServersOf(server: Server): readonly Http2Server[] {
  const servers: unknown = Reflect.get(server, 'http2Servers');
  if (!(servers instanceof Map) || servers.size === 0) {
    throw new Error('grpc-js keeps its HTTP/2 servers elsewhere: callers would have no bounds');
  }
  return [...servers.keys()];
}
