import type { ServerHttp2Stream } from 'node:http2';
import type { Connection } from './connections.js';
import { atMessageStart, holdsWholeMessages, type MessagePosition, scanMessages } from './message-scanner.js';

interface Partial {
  readonly connection: Connection;
  readonly position: MessagePosition;
  sinceTick: number;
  bytes: number;
  /** The memory that the last bytes are a view of. */
  memory: ArrayBufferLike | undefined;
}

/**
 * Messages that have arrived in part, and the memory that they hold. A message that arrives in one piece costs nothing
 * here.
 */
export interface PartialMessages {
  /** Memory of all partial messages, in bytes. */
  readonly bytes: number;
  /** Counts the bytes that have arrived. Returns true when the connection's memory has grown. */
  arrived(stream: ServerHttp2Stream, connection: Connection, bytes: Buffer, tick: number): boolean;
  forget(stream: ServerHttp2Stream): void;
  /** Streams whose message has taken longer than the timeout while the server was reading. */
  lateAt(tick: number, timeout: number): ServerHttp2Stream[];
  ofConnection(connection: Connection): ServerHttp2Stream[];
}

/** Starts empty. */
export function createPartialMessages(): PartialMessages {
  const partials = new Map<ServerHttp2Stream, Partial>();
  let total = 0;
  const forget = (stream: ServerHttp2Stream) => {
    const partial = partials.size === 0 ? undefined : partials.get(stream);
    if (!partial) return;
    release(partial, 0);
    partials.delete(stream);
  };
  const release = (partial: Partial, tick: number) => {
    total -= partial.bytes;
    partial.connection.partialBytes -= partial.bytes;
    partial.bytes = 0;
    partial.memory = undefined;
    partial.sinceTick = tick;
  };
  const select = (wanted: (partial: Partial) => boolean) =>
    [...partials].filter(([, partial]) => wanted(partial)).map(([stream]) => stream);
  return {
    get bytes() {
      return total;
    },
    arrived(stream, connection, bytes, tick) {
      let partial = partials.size === 0 ? undefined : partials.get(stream);
      if (!partial) {
        if (holdsWholeMessages(bytes)) return false;
        partial = { connection, position: atMessageStart(), sinceTick: tick, bytes: 0, memory: undefined };
        partials.set(stream, partial);
      }
      const where = scanMessages(partial.position, bytes);
      if (where === 'at end') {
        forget(stream);
        return false;
      }
      if (where === 'in another') release(partial, tick);
      // The bytes are a view of one network read, and its whole memory lives as long as they do.
      if (partial.memory === bytes.buffer) return false;
      partial.memory = bytes.buffer;
      const { byteLength } = bytes.buffer;
      partial.bytes += byteLength;
      total += byteLength;
      connection.partialBytes += byteLength;
      return true;
    },
    forget,
    lateAt(tick, timeout) {
      // A handler that takes no message holds its caller back, so the time until it reads on doesn't count against the
      // caller.
      for (const [stream, partial] of partials) if (stream.isPaused()) partial.sinceTick = tick;
      return select(({ sinceTick }) => sinceTick <= tick - timeout);
    },
    ofConnection: (connection) => select((partial) => partial.connection === connection),
  };
}
