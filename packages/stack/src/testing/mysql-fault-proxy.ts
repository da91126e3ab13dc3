import { connect, createServer, type Socket } from 'node:net';
import { StackError } from '../errors.js';
import { errorPacket, PacketSplitter, replyState, statementOf } from './mysql-packets.js';

/** Which statements are answered by an error packet, and whether the server runs them. */
export interface MysqlFault {
  /** Tested against the text of each statement, such as `/^COMMIT$/`. */
  readonly statement: RegExp;
  /** Error number of the packet. */
  readonly errno: number;
  /** Default HY000. */
  readonly sqlState?: string;
  /**
   * `INSTEAD`: the server never sees the statement. `AFTER`: the server runs it, and its reply is replaced; the
   * connection breaks if that reply has rows.
   */
  readonly when: 'INSTEAD' | 'AFTER';
  /** Ends the connection after the error packet, as a stopping server does. Default false. */
  readonly thenClose?: boolean;
  /** How many statements the fault hits. Default: all until `stop`. */
  readonly times?: number;
}

/** A fault that was set. */
export interface MysqlFaultHandle {
  /** Statements that the fault has hit. */
  readonly hits: number;
  stop(): void;
}

/** A forwarder that reads the MySQL protocol and answers chosen statements with error packets. */
export interface MysqlFaultProxy {
  readonly port: number;
  /** host:port to give to clients. */
  readonly address: string;
  /** Adds a fault. The first fault that fits a statement counts. */
  fail(fault: MysqlFault): MysqlFaultHandle;
  /** Breaks all connections and stops listening. */
  close(): Promise<void>;
}

interface Armed {
  readonly fault: MysqlFault;
  hits: number;
}

/**
 * Listens on 127.0.0.1 and forwards to a MySQL or MariaDB server. The caller closes it. Clients must not use TLS or
 * compression, and must send one command at a time.
 */
export async function createMysqlFaultProxy(options: {
  /** host:port of the server. */
  readonly target: string;
  /** Port to listen on. Default: any free one. */
  readonly port?: number;
}): Promise<MysqlFaultProxy> {
  const colon = options.target.lastIndexOf(':');
  const target = { host: options.target.slice(0, colon), port: Number(options.target.slice(colon + 1)) };
  const sockets = new Set<Socket>();
  const armed = new Set<Armed>();
  const next = (statement: string): MysqlFault | undefined => {
    for (const entry of armed) {
      if (!entry.fault.statement.test(statement)) continue;
      entry.hits += 1;
      if (entry.hits >= (entry.fault.times ?? Number.POSITIVE_INFINITY)) armed.delete(entry);
      return entry.fault;
    }
    return undefined;
  };
  const listener = createServer((client) => {
    const server = connect(target);
    for (const socket of [client, server]) {
      sockets.add(socket.setNoDelay(true));
      socket.once('close', () => sockets.delete(socket));
    }
    link(client, server, next);
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = listener.address();
  if (address === null || typeof address === 'string')
    throw new StackError('NO_FREE_PORT', 'the proxy has no port');
  return {
    port: address.port,
    address: `127.0.0.1:${address.port}`,
    fail(fault) {
      const entry: Armed = { fault, hits: 0 };
      armed.add(entry);
      return {
        get hits() {
          return entry.hits;
        },
        stop: () => void armed.delete(entry),
      };
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => listener.close(() => resolve()));
    },
  };
}

/** Forwards between a client and its server. `next` says which fault a statement meets. */
function link(client: Socket, server: Socket, next: (statement: string) => MysqlFault | undefined): void {
  let replacing: MysqlFault | undefined;
  const end = () => {
    client.destroy();
    server.destroy();
  };
  const answer = ({ errno, sqlState = 'HY000', thenClose = false }: MysqlFault) => {
    client.write(errorPacket(errno, sqlState, 'injected fault'));
    if (!thenClose) return;
    client.end();
    server.destroy();
  };
  const fromClient = new PacketSplitter();
  client.on('data', (piece) => {
    for (const packet of fromClient.add(piece)) {
      const statement = statementOf(packet);
      const fault = statement === undefined ? undefined : next(statement);
      if (fault?.when === 'INSTEAD') answer(fault);
      else server.write(packet);
      if (fault?.when === 'AFTER') replacing = fault;
    }
  });
  const fromServer = new PacketSplitter();
  server.on('data', (piece) => {
    for (const packet of fromServer.add(piece)) {
      if (!replacing) {
        client.write(packet);
        continue;
      }
      const state = replyState(packet);
      if (state === 'MORE') continue;
      if (state === 'ROWS') return end();
      answer(replacing);
      replacing = undefined;
    }
  });
  for (const socket of [client, server]) {
    socket.on('error', end);
    socket.on('end', end);
  }
}
