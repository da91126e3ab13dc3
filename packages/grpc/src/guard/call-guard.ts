import {
  constants,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { reduceHeaders } from './call-headers.js';
import { CALL_REFUSALS } from './call-refusals.js';
import { type Connection, createConnections, endConnection } from './connections.js';
import type { GuardOptions } from './guard-options.js';
import { createPartialMessages } from './partial-messages.js';
import { refuseStream } from './refuse-stream.js';
import { createRequestStreams } from './request-streams.js';
import { createUnreadResponses } from './unread-responses.js';

/** Keeps account of a server's calls. */
export interface CallGuard {
  connected(session: ServerHttp2Session): void;
  /** Counts a call and leaves it only the headers that handlers read. Returns false when it ended the call instead. */
  admit(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, rawHeaders: readonly string[]): boolean;
  /** Watches an admitted call until it ends. */
  watch(stream: ServerHttp2Stream): void;
  /** Ends calls and streams that have taken too long. Only this method advances the guard's time. */
  look(passedMs: number): void;
}

/** How long an idle stream keeps its place while others want it. */
const IDLE_STREAM_MS = 30_000;
const LOG_EVERY_MS = 10_000;

/** Creates the guard of one server. Its time is the sum of the milliseconds that `look` is told. */
export function createCallGuard(options: GuardOptions): CallGuard {
  const { limits, requestStreams, responseStreams, watchPath, logger } = options;
  const connections = createConnections(limits.maxConnections);
  const partials = createPartialMessages();
  const streaming = createRequestStreams(
    { service: limits.maxRequestStreams, reflection: limits.maxReflectionStreams },
    IDLE_STREAM_MS,
  );
  const unread = createUnreadResponses();
  /** Calls in progress, each with its connection. A stream that has ended no longer knows its connection. */
  const calls = new Map<ServerHttp2Stream, Connection>();
  /** When a look first saw a stream. Most calls end before any look. */
  const seen = new Map<ServerHttp2Stream, number>();
  const watches = new Set<ServerHttp2Stream>();
  const ended: Record<string, number> = {};
  let now = 0;
  let loggedAt = Number.NEGATIVE_INFINITY;

  const count = (what: string, times = 1) => {
    if (times > 0) ended[what] = (ended[what] ?? 0) + times;
  };
  const end = (stream: ServerHttp2Stream, why: keyof typeof CALL_REFUSALS) => {
    count(why);
    refuseStream(stream, CALL_REFUSALS[why]);
  };
  const refuse = (stream: ServerHttp2Stream, why: keyof typeof CALL_REFUSALS): false => {
    stream.on('error', () => {});
    end(stream, why);
    return false;
  };
  const connectionOf = (session: ServerHttp2Session): Connection | undefined => {
    if (!connections.of(session)) count('connections', connections.opened(session, now));
    return connections.of(session);
  };
  /** When there are too many calls, all connections with calls share equally. Idle connections take no share. */
  const hasShare = ({ calls: own }: Connection) =>
    calls.size < limits.maxCalls || own < limits.maxCalls / (connections.busy + (own === 0 ? 1 : 0));
  /** Ends half of the calls of the connection with the most, oldest first. */
  const makeRoom = () => {
    const heaviest = connections.heaviest(({ calls: own }) => own);
    let rest = Math.ceil((heaviest?.calls ?? 0) / 2);
    for (const [stream, connection] of calls) {
      if (rest === 0) break;
      if (connection !== heaviest) continue;
      rest -= 1;
      end(stream, 'calls');
      forget(stream);
    }
  };
  const takePlace = (stream: ServerHttp2Stream, connection: Connection, path: string): boolean => {
    const pool = requestStreams.get(path);
    if (pool === undefined) return true;
    return streaming.enter(stream, { pool, connection, activeTick: now }, (other) => end(other, 'place'));
  };

  // One function serves all calls: a call creates only its entries in the guard's maps.
  function onClose(this: ServerHttp2Stream): void {
    forget(this);
  }
  function forget(stream: ServerHttp2Stream): void {
    const connection = calls.get(stream);
    if (connection) {
      connections.callEnded(connection);
      if (watches.size > 0 && watches.delete(stream)) connection.watches -= 1;
    }
    calls.delete(stream);
    if (seen.size > 0) seen.delete(stream);
    partials.forget(stream);
    streaming.forget(stream);
    unread.forget(stream);
  }
  function onData(this: ServerHttp2Stream, bytes: Buffer): void {
    streaming.active(this, now);
    const connection = calls.get(this);
    if (!connection || !partials.arrived(this, connection, bytes, now)) return;
    if (connection.partialBytes > limits.maxPartialBytesPerConnection) end(this, 'partial');
    else if (partials.bytes > limits.maxPartialBytes) endHeaviest();
  }
  function endHeaviest(): void {
    const heaviest = connections.heaviest(({ partialBytes }) => partialBytes);
    if (heaviest) for (const stream of partials.ofConnection(heaviest)) end(stream, 'partial');
  }
  return {
    connected: (session) => void connectionOf(session),
    admit(stream, headers, rawHeaders) {
      const connection = connectionOf(stream.session as ServerHttp2Session);
      if (!connection) return false;
      const path = headers[':path'] ?? '';
      if (!reduceHeaders(headers, rawHeaders, limits.maxHeaderBytes)) return refuse(stream, 'headers');
      if (!hasShare(connection)) return refuse(stream, 'calls');
      if (connection.unreadBytes > limits.maxUnreadBytesPerConnection) return refuse(stream, 'unread');
      if (!takePlace(stream, connection, path)) return refuse(stream, 'streams');
      if (calls.size >= 2 * limits.maxCalls) makeRoom();
      if (responseStreams.has(path)) {
        unread.watchWrites(stream, () => streaming.active(stream, now));
        if (path === watchPath) {
          watches.add(stream);
          connection.watches += 1;
        }
      }
      calls.set(stream, connection);
      connections.callBegan(connection, now);
      stream.on('close', onClose);
      return true;
    },
    watch: (stream) => void stream.on('data', onData),
    look(passedMs) {
      now += passedMs;
      for (const stream of partials.lateAt(now, limits.messageTimeoutMs)) end(stream, 'late');
      lookAtCalls();
      lookAtConnections();
      tell();
    },
  };

  function lookAtCalls(): void {
    for (const connection of connections.all()) connection.unreadBytes = 0;
    for (const [stream, connection] of calls) {
      const since = seen.get(stream) ?? now;
      seen.set(stream, since);
      const old = since <= now - limits.messageTimeoutMs;
      if (old && !stream.readableEnded && !streaming.has(stream)) end(stream, 'late');
      // The server has said everything, and the caller keeps its side open.
      else if (old && stream.writableFinished) stream.close(constants.NGHTTP2_NO_ERROR);
      const waiting = unread.look(stream, now);
      if (!waiting) continue;
      connection.unreadBytes += waiting.bytes;
      if (waiting.sinceTick > now - limits.unreadTimeoutMs) continue;
      count('unread');
      stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    }
  }

  function lookAtConnections(): void {
    let all = 0;
    for (const { unreadBytes } of connections.all()) all += unreadBytes;
    if (all <= limits.maxUnreadBytes) return;
    const heaviest = connections.heaviest(({ unreadBytes }) => unreadBytes);
    if (!heaviest) return;
    count('connections');
    endConnection(heaviest.session);
  }

  function tell(): void {
    if (Object.keys(ended).length === 0 || now < loggedAt + LOG_EVERY_MS) return;
    logger.warn({ ended: { ...ended } }, 'calls and connections ended at the limits of the server');
    for (const what of Object.keys(ended)) delete ended[what];
    loggedAt = now;
  }
}
