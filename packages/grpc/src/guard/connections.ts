import { constants, type ServerHttp2Session } from 'node:http2';

/** What the caller of a connection keeps busy. */
export interface Connection {
  readonly session: ServerHttp2Session;
  /** The caller's address. */
  readonly address: string;
  /** Calls in progress, and those among them that only watch the server's health. */
  calls: number;
  watches: number;
  partialBytes: number;
  /** As the last look found it. */
  unreadBytes: number;
  /** Tick of the connection's last new call, or of its start. */
  lastCallTick: number;
}

/** The connections of a server, in a bounded number. */
export interface Connections {
  /** How many connections have calls in progress. */
  readonly busy: number;
  /** Adds a connection. When there are too many, closes another one. Returns how many were closed. */
  opened(session: ServerHttp2Session, tick: number): number;
  of(session: ServerHttp2Session | undefined): Connection | undefined;
  callBegan(connection: Connection, tick: number): void;
  callEnded(connection: Connection): void;
  /** The connection with the highest weight. */
  heaviest(weight: (connection: Connection) => number): Connection | undefined;
  all(): Iterable<Connection>;
}

/** Starts empty. */
export function createConnections(max: number): Connections {
  const connections = new Map<ServerHttp2Session, Connection>();
  let busy = 0;
  return {
    get busy() {
      return busy;
    },
    opened(session, tick) {
      const address = session.socket.remoteAddress ?? '';
      const connection = { session, address, calls: 0, watches: 0, partialBytes: 0, unreadBytes: 0 };
      const victim = connections.size < max ? undefined : leastMissed([...connections.values()]);
      connections.set(session, { ...connection, lastCallTick: tick });
      session.once('close', () => connections.delete(session));
      if (!victim) return 0;
      connections.delete(victim.session);
      endConnection(victim.session);
      return 1;
    },
    of: (session) => session && connections.get(session),
    callBegan(connection, tick) {
      if (connection.calls === 0) busy += 1;
      connection.calls += 1;
      connection.lastCallTick = tick;
    },
    callEnded(connection) {
      connection.calls -= 1;
      if (connection.calls === 0) busy -= 1;
    },
    heaviest(weight) {
      let found: Connection | undefined;
      for (const connection of connections.values()) {
        if (weight(connection) > (found ? weight(found) : 0)) found = connection;
      }
      return found;
    },
    all: () => connections.values(),
  };
}

/**
 * The connection that gives way, from the address with the most connections. Idle ones go first; a connection that only
 * watches the server's health is idle. Among equals, the one whose last new call is oldest goes.
 */
function leastMissed(connections: readonly Connection[]): Connection | undefined {
  const ofAddress = new Map<string, number>();
  for (const { address } of connections) ofAddress.set(address, (ofAddress.get(address) ?? 0) + 1);
  const most = Math.max(...ofAddress.values());
  const works = ({ calls, watches }: Connection) => (calls > watches ? 1 : 0);
  const order = (a: Connection, b: Connection) => works(a) - works(b) || a.lastCallTick - b.lastCallTick;
  let found: Connection | undefined;
  // A loop instead of a sort: callers that open connections without end make this run for each of them.
  for (const connection of connections) {
    if (ofAddress.get(connection.address) !== most) continue;
    if (!found || order(connection, found) < 0) found = connection;
  }
  return found;
}

/** Ends a connection with GOAWAY, and its calls too. */
export function endConnection(session: ServerHttp2Session): void {
  session.on('error', () => {});
  session.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM);
}
