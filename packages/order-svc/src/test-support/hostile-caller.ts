import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';

const SUBMIT_ORDER = '/txmsg.order.v1.OrderService/SubmitOrder';
const SUBMIT_ORDERS = '/txmsg.order.v1.OrderService/SubmitOrders';

/** A caller that speaks HTTP/2 by itself and keeps to no good manners. */
export interface HostileCaller {
  /** Connections that are open. */
  readonly open: number;
  /** Streams that the server has not ended. */
  readonly openStreams: number;
  /** Bytes that the server has not taken yet. */
  readonly unsentBytes: number;
  /** A stream of SubmitOrders that sends these messages, and never reads an answer. */
  bulkStream(messages: Iterable<Buffer>): void;
  /** A call of SubmitOrder that sends so much of a message of 250 KB, and stops. */
  halfMessage(bytes: number): void;
  /** Another connection for what is sent next. */
  reconnect(): void;
  /** Connections that say nothing at all. */
  silent(count: number): Promise<void>;
  close(): void;
}

/** Makes a hostile caller of the order service on a port of 127.0.0.1. */
export function createHostileCaller(port: number): HostileCaller {
  const sessions: ClientHttp2Session[] = [];
  const sockets = new Set<Socket>();
  const streams = new Set<ClientHttp2Stream>();
  const request = (path: string): ClientHttp2Stream => {
    const session = sessions.at(-1) ?? reconnect();
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    streams.add(stream);
    stream.on('error', () => {});
    stream.on('close', () => streams.delete(stream));
    // Sometimes Node leaves a stream that the server has ended open for the bytes it never could send: no 'close' follows.
    stream.on('aborted', () => streams.delete(stream));
    return stream;
  };
  function reconnect(): ClientHttp2Session {
    const session = connect(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: 65_535 } });
    session.on('error', () => {});
    sessions.push(session);
    return session;
  }
  return {
    get open() {
      return sessions.filter(({ destroyed }) => !destroyed).length + sockets.size;
    },
    get openStreams() {
      return streams.size;
    },
    get unsentBytes() {
      return [...streams].reduce((sum, { writableLength }) => sum + writableLength, 0);
    },
    bulkStream(messages) {
      const stream = request(SUBMIT_ORDERS);
      for (const message of messages) stream.write(framed(message));
    },
    halfMessage(bytes) {
      const stream = request(SUBMIT_ORDER);
      stream.write(framed(Buffer.alloc(250_000)).subarray(0, bytes));
      stream.resume();
    },
    reconnect: () => void reconnect(),
    async silent(count) {
      for (let index = 0; index < count; index += 1) {
        const socket = connectTcp({ host: '127.0.0.1', port });
        sockets.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => sockets.delete(socket));
        socket.resume();
        if (index % 100 === 99) await once(socket, 'connect').catch(() => undefined);
      }
    },
    close() {
      for (const session of sessions) session.destroy();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function framed(message: Buffer): Buffer {
  const frame = Buffer.alloc(5 + message.length);
  frame.writeUInt32BE(message.length, 1);
  message.copy(frame, 5);
  return frame;
}
