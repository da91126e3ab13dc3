import type { ServerHttp2Stream } from 'node:http2';

interface Unread {
  /** The fewest unread bytes since the last progress. */
  least: number;
  writes: number;
  sinceTick: number;
}

/** Responses that wait because their callers don't read. */
export interface UnreadResponses {
  /** Counts the messages of a response stream. grpc-js writes the next message when the previous one has left. */
  watchWrites(stream: ServerHttp2Stream, onWrite: () => void): void;
  /** How many bytes wait, and since which tick none of them has been read. Undefined when none wait. */
  look(stream: ServerHttp2Stream, tick: number): { bytes: number; sinceTick: number } | undefined;
  forget(stream: ServerHttp2Stream): void;
}

/** Starts empty. */
export function createUnreadResponses(): UnreadResponses {
  const unread = new Map<ServerHttp2Stream, Unread>();
  const writes = new Map<ServerHttp2Stream, number>();
  return {
    watchWrites(stream, onWrite) {
      const { write } = stream;
      writes.set(stream, 0);
      stream.write = function counted(this: ServerHttp2Stream, ...args: unknown[]) {
        const before = writes.get(stream);
        if (before !== undefined) writes.set(stream, before + 1);
        onWrite();
        return Reflect.apply(write, this, args);
      };
    },
    look(stream, tick) {
      const bytes = stream.writableLength;
      if (bytes === 0) {
        if (unread.size > 0) unread.delete(stream);
        return undefined;
      }
      const written = writes.get(stream) ?? 0;
      const known = unread.get(stream);
      if (known && known.writes === written && known.least <= bytes) {
        return { bytes, sinceTick: known.sinceTick };
      }
      unread.set(stream, { least: bytes, writes: written, sinceTick: tick });
      return { bytes, sinceTick: tick };
    },
    forget(stream) {
      if (unread.size > 0) unread.delete(stream);
      if (writes.size > 0) writes.delete(stream);
    },
  };
}
