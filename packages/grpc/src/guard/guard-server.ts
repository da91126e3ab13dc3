import type { Http2Server, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { createCallGuard } from './call-guard.js';
import type { GuardOptions } from './guard-options.js';

type StreamEvent = [
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  flags: number,
  rawHeaders: string[],
];

/** A look at what every call and connection keeps busy, this often; limits of time are as exact as this. */
const LOOK_EVERY_MS = 1_000;

/**
 * Stands between the HTTP/2 servers of a gRPC server and its handlers: admits calls, counts what callers make the server keep
 * in memory, and ends what exceeds the limits. Returns the way to stop it.
 */
export function guardServers(servers: readonly Http2Server[], options: GuardOptions): () => void {
  const guard = createCallGuard(options);
  for (const server of servers) {
    const handlers = server.listeners('stream') as ((...event: StreamEvent) => void)[];
    server.removeAllListeners('stream');
    server.on('session', (session) => guard.connected(session));
    server.on('stream', (...[stream, headers, flags, rawHeaders]: StreamEvent) => {
      if (!guard.admit(stream, headers, rawHeaders)) return;
      for (const handle of handlers) handle.call(server, stream, headers, flags, rawHeaders);
      // After grpc-js has paused the stream: whoever listens to data lets it flow.
      guard.watch(stream);
    });
  }
  const timer = setInterval(() => guard.look(LOOK_EVERY_MS), LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
