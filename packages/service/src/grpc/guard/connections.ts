import { constants, type ServerHttp2Session } from 'node:http2';

/** What a connection's caller keeps busy. */
export interface Connection {
  readonly session: ServerHttp2Session;
  calls: number;
  partialBytes: number;
  /** As the last look found it. */
  unreadBytes: number;
  /** Tick of its last call's end, or of its start. */
  idleSinceTick: number;
}

/** The connections of a server: a bounded number. */
export interface Connections {
  readonly size: number;
  /** Adds one, or closes it when all others are busy. Returns how many were closed for it. */
  opened(session: ServerHttp2Session, tick: number): number;
  of(session: ServerHttp2Session | undefined): Connection | undefined;
  /** The one with the most of something. */
  heaviest(weight: (connection: Connection) => number): Connection | undefined;
  all(): Iterable<Connection>;
}

/** None at first. */
export function createConnections(max: number): Connections {
  const connections = new Map<ServerHttp2Session, Connection>();
  const heaviest = (weight: (connection: Connection) => number): Connection | undefined => {
    let found: Connection | undefined;
    for (const connection of connections.values()) {
      if (weight(connection) > (found ? weight(found) : 0)) found = connection;
    }
    return found;
  };
  return {
    get size() {
      return connections.size;
    },
    opened(session, tick) {
      connections.set(session, { session, calls: 0, partialBytes: 0, unreadBytes: 0, idleSinceTick: tick });
      session.once('close', () => connections.delete(session));
      if (connections.size <= max) return 0;
      // A new one is never the longest idle, unless all are.
      const idle = heaviest(({ calls, idleSinceTick }) => (calls === 0 ? 1 + tick - idleSinceTick : 0));
      const victim = idle?.session ?? session;
      connections.delete(victim);
      endConnection(victim);
      return 1;
    },
    of: (session) => session && connections.get(session),
    heaviest,
    all: () => connections.values(),
  };
}

/** Ends a connection with GOAWAY, its calls too. */
export function endConnection(session: ServerHttp2Session): void {
  session.on('error', () => {});
  session.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM);
}
