import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { create, toBinary } from '@bufbuild/protobuf';
import type { Metadata } from '@grpc/grpc-js';
import { OrderService } from '@txmsg/contracts';
import { SubmitOrderRequestSchema, type SubmitOrdersRequest } from '@txmsg/contracts/order';
import { pino } from 'pino';
import { expect } from 'vitest';
import { createGrpcClient } from '../client.js';
import { createGrpcServer, type GrpcServer, serviceEntry } from '../grpc-server.js';
import type { ServerLimits } from '../guard/server-limits.js';

const logger = pino({ level: 'silent' });
export const closers: (() => unknown)[] = [];
/** What the server serves. A stream of SubmitOrders is read only when a test reads it. */
export const bulk: {
  handle(stream: AsyncIterable<SubmitOrdersRequest> & { write(response: object): boolean }): Promise<void>;
} = { handle: () => new Promise(() => {}) };
/** Metadata of the last SubmitOrder. */
export const last: { metadata?: Metadata } = {};

/** Closes what a test has opened. */
export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

/** A server with these limits: `get` returns orders of 100 KB, `submit` echoes. */
export async function serve(limits: Partial<ServerLimits>): Promise<GrpcServer> {
  bulk.handle = () => new Promise(() => {});
  const entry = serviceEntry(OrderService, {
    submitOrder({ txNo }, { metadata }) {
      last.metadata = metadata;
      return { txNo };
    },
    submitOrders: (stream) => bulk.handle(stream),
    getOrder: () => ({ order: { statusReason: 'x'.repeat(100_000) } }),
    listOrders: () => ({}),
    watchOrder: async function* () {
      for (let index = 0; index < 10; index += 1) yield { order: { statusReason: 'x'.repeat(100_000) } };
    },
  });
  const server = await createGrpcServer([entry], { host: '127.0.0.1', port: 0, logger, limits });
  closers.push(() => server.close(100));
  return server;
}

/** A connection, from another address if one is given. */
export function open({ port }: GrpcServer, localAddress = '127.0.0.1'): ClientHttp2Session {
  const session = connect(`http://127.0.0.1:${port}`, {
    createConnection: () => connectTcp({ host: '127.0.0.1', port, localAddress }),
  });
  session.on('error', () => {});
  closers.push(() => session.destroy());
  return session;
}

/** A call of the order service, or of a given path. */
export function call(
  session: ClientHttp2Session,
  method: string,
  headers: OutgoingHttpHeaders = {},
): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': method.startsWith('/') ? method : `/${OrderService.typeName}/${method}`,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  });
  stream.on('error', () => {});
  return stream;
}

/** The gRPC status of a call that has no answer but the status. */
export async function statusOf(stream: ClientHttp2Stream): Promise<number> {
  const [headers] = await once(stream, 'response');
  stream.resume();
  return Number(headers['grpc-status']);
}

/** A message with its prefix. The prefix may promise more bytes. */
export function framed(message: Uint8Array, length = message.length): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, message]);
}

export const order = framed(
  toBinary(
    SubmitOrderRequestSchema,
    create(SubmitOrderRequestSchema, { productId: 1n, payCount: 1, txNo: 'a' }),
  ),
);
export const key = framed(Buffer.from('0a0161', 'hex'));
export const DEADLINE_EXCEEDED = 4;
export const RESOURCE_EXHAUSTED = 8;

/** Checks that a normal caller is served. */
export async function expectServed({ port }: GrpcServer): Promise<void> {
  const client = createGrpcClient(OrderService, `127.0.0.1:${port}`);
  try {
    await expect(client.submitOrder({ productId: 1n, payCount: 1, txNo: 'a' })).resolves.toMatchObject({
      txNo: 'a',
    });
  } finally {
    client.close();
  }
}

/** Whether a stream is answered at once. One ping may overtake the answer; a second one returns after it. */
export async function answers(stream: ClientHttp2Stream): Promise<boolean> {
  let answered = false;
  stream.once('response', () => {
    answered = true;
  });
  if (stream.pending) await once(stream, 'ready');
  for (let pings = 0; pings < 2; pings += 1) await new Promise((resolve) => stream.session?.ping(resolve));
  return answered;
}
