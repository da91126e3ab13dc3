import type { ServerHttp2Stream } from 'node:http2';
import type { Connection } from './connections.js';

/** A stream of one pool never takes a place in the other. */
export type StreamPool = 'service' | 'reflection';

/**
 * Calls whose requests are streams. Their number is bounded and shared by the connections; an idle stream can lose its
 * place.
 */
export interface RequestStreams {
  /**
   * Takes a place. Returns false when there is none. When another stream must give up its place, hands that stream to
   * `evict` first.
   */
  enter(stream: ServerHttp2Stream, entry: StreamEntry, evict: (other: ServerHttp2Stream) => void): boolean;
  /** A message has arrived or was sent. */
  active(stream: ServerHttp2Stream, tick: number): void;
  has(stream: ServerHttp2Stream): boolean;
  forget(stream: ServerHttp2Stream): void;
}

/** The connection of a stream, and when the stream was last active. */
export interface StreamEntry {
  readonly pool: StreamPool;
  readonly connection: Connection;
  activeTick: number;
}

type Streams = ReadonlyMap<ServerHttp2Stream, StreamEntry>;

/**
 * Starts empty. When a pool is full, a stream that was last active at least `idleTicks` ago gives way. Otherwise the
 * longest idle stream of the connection with the most streams does, when that connection still keeps at least as many
 * as the newcomer's.
 */
export function createRequestStreams(
  max: Readonly<Record<StreamPool, number>>,
  idleTicks: number,
): RequestStreams {
  const streams = new Map<ServerHttp2Stream, StreamEntry>();
  return {
    enter(stream, entry, evict) {
      const rivals: Streams = new Map([...streams].filter(([, { pool }]) => pool === entry.pool));
      if (rivals.size >= max[entry.pool]) {
        const victim =
          longestIdle(rivals, ({ activeTick }) => activeTick <= entry.activeTick - idleTicks) ??
          ofGreediest(rivals, entry.connection);
        if (!victim) return false;
        streams.delete(victim);
        evict(victim);
      }
      streams.set(stream, entry);
      return true;
    },
    active(stream, tick) {
      const entry = streams.size === 0 ? undefined : streams.get(stream);
      if (entry) entry.activeTick = tick;
    },
    has: (stream) => streams.has(stream),
    forget(stream) {
      if (streams.size > 0) streams.delete(stream);
    },
  };
}

function longestIdle(
  streams: Streams,
  allowed: (entry: StreamEntry) => boolean,
): ServerHttp2Stream | undefined {
  let found: ServerHttp2Stream | undefined;
  let since = Number.POSITIVE_INFINITY;
  for (const [stream, entry] of streams) {
    if (entry.activeTick >= since || !allowed(entry)) continue;
    found = stream;
    since = entry.activeTick;
  }
  return found;
}

function ofGreediest(streams: Streams, newcomer: Connection): ServerHttp2Stream | undefined {
  const held = new Map<Connection, number>();
  for (const { connection } of streams.values()) held.set(connection, (held.get(connection) ?? 0) + 1);
  const [greediest] = [...held].sort(([, a], [, b]) => b - a);
  if (!greediest || greediest[1] < (held.get(newcomer) ?? 0) + 2) return undefined;
  return longestIdle(streams, ({ connection }) => connection === greediest[0]);
}
