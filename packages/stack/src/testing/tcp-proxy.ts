import { connect, createServer, type Socket } from 'node:net';
import { StackError } from '../errors.js';
import { localHost } from '../parts/local-address.js';
import { DelayedQueue } from './delayed-queue.js';

/** A TCP forwarder whose connections can fail in the ways that networks do. */
export interface TcpProxy {
  readonly port: number;
  /** host:port to give to clients. */
  readonly address: string;
  /** Connections that are open now. */
  readonly connections: number;
  /** Breaks all connections and refuses new ones (they are reset) until `restore`. */
  cut(): void;
  /** Swallows everything in both directions until `restore`. Connections stay open, and new ones are accepted. */
  drop(): void;
  /** Swallows only the server's answers until `restore`: requests arrive and take effect, their replies are lost. */
  dropReplies(): void;
  /** Shows the listener every piece that clients send, as it comes. Returns a function that stops it. */
  onRequest(listener: (piece: Buffer) => void): () => void;
  /** Delays every piece by this time in each direction; 0 removes the delay. */
  slow(delayMs: number): void;
  /** Forwards new connections to another host:port, as a switched DNS name does. Open connections keep their target. */
  setTarget(target: string): void;
  /** Forwards again. Dropped bytes are lost, so connections from that time are broken. */
  restore(): void;
  /** Breaks all connections and stops listening. */
  close(): Promise<void>;
}

/** What a proxy forwards to. */
export interface TcpProxyOptions {
  /** host:port of the server. */
  readonly target: string;
  /** Port to listen on, on 127.0.0.1. Default: any free one. */
  readonly port?: number;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  damaged: boolean;
}

/** Listens on 127.0.0.1 and forwards to the target; the caller closes it. */
export async function createTcpProxy(options: TcpProxyOptions): Promise<TcpProxy> {
  let target = splitAddress(options.target);
  const pairs = new Set<Pair>();
  const listeners = new Set<(piece: Buffer) => void>();
  let mode: 'forward' | 'cut' | 'drop' | 'drop-replies' = 'forward';
  let delayMs = 0;

  const breakPair = (pair: Pair): void => {
    pairs.delete(pair);
    pair.client.resetAndDestroy();
    pair.server.destroy();
  };
  const forward = (pair: Pair, from: Socket, to: Socket): void => {
    const queue = new DelayedQueue();
    const pass = (work: () => void): void => {
      if (mode === 'drop' || (mode === 'drop-replies' && from === pair.server)) pair.damaged = true;
      else queue.add(delayMs, work);
    };
    from.on('data', (piece) => {
      if (from === pair.client) for (const listener of listeners) listener(piece);
      pass(() => to.writable && to.write(piece));
    });
    from.on('end', () => pass(() => to.end()));
    from.on('error', () => pass(() => breakPair(pair)));
    to.on('close', () => queue.clear());
    from.on('close', () => {
      if (to.destroyed) pairs.delete(pair);
    });
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (mode === 'cut') {
      client.resetAndDestroy();
      return;
    }
    const pair: Pair = {
      client,
      server: connect({ ...target, allowHalfOpen: true }),
      damaged: false,
    };
    pairs.add(pair);
    for (const socket of [pair.client, pair.server]) socket.setNoDelay(true);
    forward(pair, pair.client, pair.server);
    forward(pair, pair.server, pair.client);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new StackError('NO_FREE_PORT', 'the proxy has no port');
  const breakAll = (which: (pair: Pair) => boolean): void => {
    for (const pair of [...pairs].filter(which)) breakPair(pair);
  };
  return {
    port: address.port,
    address: `127.0.0.1:${address.port}`,
    get connections() {
      return pairs.size;
    },
    cut: () => {
      mode = 'cut';
      breakAll(() => true);
    },
    drop: () => {
      mode = 'drop';
    },
    dropReplies: () => {
      mode = 'drop-replies';
    },
    onRequest: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    slow: (ms) => {
      delayMs = ms;
    },
    setTarget: (address) => {
      target = splitAddress(address);
    },
    restore: () => {
      mode = 'forward';
      breakAll((pair) => pair.damaged);
    },
    close: () => {
      breakAll(() => true);
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function splitAddress(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(':');
  return { host: localHost(address.slice(0, colon)), port: Number(address.slice(colon + 1)) };
}
