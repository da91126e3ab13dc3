import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { type Connection, createConnections, endConnection } from './connections.js';
import type { GuardOptions } from './guard-server.js';
import { createPartialMessages } from './partial-messages.js';
import { createRefusal, refuseStream } from './refuse-stream.js';
import { createRequestStreams } from './request-streams.js';
import { createUnreadResponses } from './unread-responses.js';

/** Keeps the books of a server's calls. */
export interface CallGuard {
  connected(session: ServerHttp2Session): void;
  /** Counts a call, or ends it and returns false. Headers are names and values in turn. */
  admit(stream: ServerHttp2Stream, path: string, rawHeaders: readonly string[]): boolean;
  /** Watches an admitted call until it ends. */
  watch(stream: ServerHttp2Stream): void;
  /** Ends what has taken too long. Time passes by this alone. */
  look(passedMs: number): void;
}

/** An idle stream keeps its place for this long when others want it. */
const IDLE_STREAM_MS = 30_000;
const RETRY_MS = 1_000;
const LOG_EVERY_MS = 10_000;

const REFUSALS = {
  headers: createRefusal('RESOURCE_EXHAUSTED', 'the headers are too large'),
  calls: createRefusal('RESOURCE_EXHAUSTED', 'too many calls are under way', RETRY_MS),
  unread: createRefusal('RESOURCE_EXHAUSTED', 'responses of this connection have not been read', RETRY_MS),
  streams: createRefusal('RESOURCE_EXHAUSTED', 'too many streams are open', RETRY_MS),
  idle: createRefusal('UNAVAILABLE', 'the stream was idle and others wait for its place', RETRY_MS),
  partial: createRefusal('RESOURCE_EXHAUSTED', 'too many messages have arrived in part', RETRY_MS),
  late: createRefusal('DEADLINE_EXCEEDED', 'the message did not arrive completely in time'),
};

/** Makes the books of one server; time is counted in the milliseconds that `look` is told. */
export function createCallGuard(options: GuardOptions): CallGuard {
  const { limits, requestStreams, responseStreams, logger } = options;
  const connections = createConnections(limits.maxConnections);
  const partials = createPartialMessages();
  const streaming = createRequestStreams(limits.maxRequestStreams, IDLE_STREAM_MS);
  const unread = createUnreadResponses();
  /** Calls under way and whose each is: a stream that has ended no longer tells. */
  const calls = new Map<ServerHttp2Stream, Connection>();
  /** When a look first saw those that it has seen: most calls end before any does. */
  const seen = new Map<ServerHttp2Stream, number>();
  const ended: Record<string, number> = {};
  let now = 0;
  let loggedAt = Number.NEGATIVE_INFINITY;

  const count = (what: string, times = 1) => {
    if (times > 0) ended[what] = (ended[what] ?? 0) + times;
  };
  const end = (stream: ServerHttp2Stream, why: keyof typeof REFUSALS) => {
    count(why);
    refuseStream(stream, REFUSALS[why]);
  };
  const refuse = (stream: ServerHttp2Stream, why: keyof typeof REFUSALS): false => {
    stream.on('error', () => {});
    end(stream, why);
    return false;
  };
  const connectionOf = (session: ServerHttp2Session): Connection | undefined => {
    if (!connections.of(session)) count('connections', connections.opened(session, now));
    return connections.of(session);
  };
  const hasShare = ({ calls: own }: Connection) =>
    calls.size < limits.maxCalls || own < limits.maxCalls / connections.size;

  // One function for all calls: nothing is made for a call but its entries in the books.
  function onClose(this: ServerHttp2Stream): void {
    const connection = calls.get(this);
    if (connection) {
      connection.calls -= 1;
      connection.idleSinceTick = now;
    }
    calls.delete(this);
    if (seen.size > 0) seen.delete(this);
    partials.forget(this);
    streaming.forget(this);
    unread.forget(this);
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
    admit(stream, path, rawHeaders) {
      const connection = connectionOf(stream.session as ServerHttp2Session);
      if (!connection) return false;
      if (sizeOf(rawHeaders) > limits.maxHeaderBytes) return refuse(stream, 'headers');
      if (!hasShare(connection)) return refuse(stream, 'calls');
      if (connection.unreadBytes > limits.maxUnreadBytesPerConnection) return refuse(stream, 'unread');
      if (requestStreams.has(path) && !streaming.enter(stream, now, (idle) => end(idle, 'idle'))) {
        return refuse(stream, 'streams');
      }
      if (responseStreams.has(path)) unread.watchWrites(stream, () => streaming.active(stream, now));
      calls.set(stream, connection);
      connection.calls += 1;
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
      // All is said, and the caller keeps its side open.
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

function sizeOf(rawHeaders: readonly string[]): number {
  let size = 0;
  for (const part of rawHeaders) size += part.length;
  return size;
}
