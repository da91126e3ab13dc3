import type { Http2Server, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { createCallGuard } from './call-guard.js';
import type { GuardOptions } from './guard-options.js';

type StreamEvent = [
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  flags: number,
  rawHeaders: string[],
];

/** How often the guard looks at what calls and connections keep busy. Time limits are as exact as this. */
const LOOK_EVERY_MS = 1_000;

/**
 * Stands between the HTTP/2 servers of a gRPC server and its handlers: admits calls, counts the memory that callers
 * make the server hold, and ends what exceeds the limits. Returns a function that stops the guard.
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
      // Runs after grpc-js has paused the stream: a data listener makes the stream flow.
      guard.watch(stream);
    });
  }
  const timer = setInterval(() => guard.look(LOOK_EVERY_MS), LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
