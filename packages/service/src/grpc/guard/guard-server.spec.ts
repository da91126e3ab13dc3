import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { create, toBinary } from '@bufbuild/protobuf';
import { OrderService } from '@txmsg/contracts';
import { createGrpcClient } from '@txmsg/contracts/grpc';
import { SubmitOrderRequestSchema, type SubmitOrdersRequest } from '@txmsg/contracts/order';
import { pino } from 'pino';
import { afterEach, expect, it } from 'vitest';
import { createGrpcServer, type GrpcServer, serviceEntry } from '../grpc-server.js';
import type { ServerLimits } from './server-limits.js';

const logger = pino({ level: 'silent' });
const closers: (() => unknown)[] = [];
/** The streams of SubmitOrders: nobody reads them but a test that does. */
let onBulk: (
  stream: AsyncIterable<SubmitOrdersRequest> & { write(response: object): boolean },
) => Promise<void>;

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A server with these limits; `get` orders of 100 KB, `submit` echoes. */
async function serve(limits: Partial<ServerLimits>): Promise<GrpcServer> {
  onBulk = () => new Promise(() => {});
  const entry = serviceEntry(OrderService, {
    submitOrder: ({ txNo }) => ({ txNo }),
    submitOrders: (stream) => onBulk(stream),
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

function open({ port }: GrpcServer): ClientHttp2Session {
  const session = connect(`http://127.0.0.1:${port}`);
  session.on('error', () => {});
  closers.push(() => session.destroy());
  return session;
}

function call(
  session: ClientHttp2Session,
  method: string,
  headers: OutgoingHttpHeaders = {},
): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': `/${OrderService.typeName}/${method}`,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  });
  stream.on('error', () => {});
  return stream;
}

/** gRPC status of a call that is answered by it alone. */
async function statusOf(stream: ClientHttp2Stream): Promise<number> {
  const [headers] = await once(stream, 'response');
  stream.resume();
  return Number(headers['grpc-status']);
}

function framed(message: Uint8Array, length = message.length): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, message]);
}

const order = framed(
  toBinary(
    SubmitOrderRequestSchema,
    create(SubmitOrderRequestSchema, { productId: 1n, payCount: 1, txNo: 'a' }),
  ),
);
const key = framed(Buffer.from('0a0161', 'hex'));
const DEADLINE_EXCEEDED = 4;
const RESOURCE_EXHAUSTED = 8;

/** A normal caller is served. */
async function expectServed({ port }: GrpcServer): Promise<void> {
  const client = createGrpcClient(OrderService, `127.0.0.1:${port}`);
  try {
    await expect(client.submitOrder({ productId: 1n, payCount: 1, txNo: 'a' })).resolves.toMatchObject({
      txNo: 'a',
    });
  } finally {
    client.close();
  }
}

it.each([
  ['nothing of its message', Buffer.alloc(0)],
  ['half a prefix', order.subarray(0, 3)],
  ['half a message', order.subarray(0, 9)],
  ['a message, and keeps its side open', order],
])('ends a call that has sent %s', async (_, sent) => {
  const server = await serve({ messageTimeoutMs: 1_000 });
  const stream = call(open(server), 'SubmitOrder');
  stream.write(sent);
  expect(await statusOf(stream)).toBe(DEADLINE_EXCEEDED);
  await expectServed(server);
});

it('ends a stream whose message stays half, and none that is idle or held back', async () => {
  const server = await serve({ messageTimeoutMs: 1_000 });
  const half = order.subarray(0, 9);
  let opened = 0;
  onBulk = async (stream) => {
    opened += 1;
    if (opened === 1) await new Promise(() => {});
    for await (const _ of stream);
  };
  const session = open(server);
  const heldBack = call(session, 'SubmitOrders');
  heldBack.write(Buffer.concat([...Array<Buffer>(40).fill(order), half]));
  const idle = call(session, 'SubmitOrders');
  idle.write(order);
  const stuck = call(session, 'SubmitOrders');
  stuck.write(Buffer.concat([order, half]));
  expect(await statusOf(stuck)).toBe(DEADLINE_EXCEEDED);
  expect([idle.closed, heldBack.closed]).toEqual([false, false]);
});

it('bounds messages that have arrived in part: of a connection, and of all', async () => {
  const limits = { maxPartialBytesPerConnection: 600_000, maxPartialBytes: 1_000_000 };
  const server = await serve(limits);
  const one = open(server);
  const calls = Array.from({ length: 8 }, () => call(one, 'SubmitOrder'));
  for (const stream of calls) stream.write(framed(Buffer.alloc(200_000), 250_000));
  expect(await Promise.race(calls.map(statusOf))).toBe(RESOURCE_EXHAUSTED);
  await expectServed(server);
  // A message in many pieces is none in part once it is there.
  const [whole] = [call(open(server), 'SubmitOrder')];
  for (const byte of order) whole.write(Buffer.of(byte));
  whole.end();
  const [headers] = await once(whole, 'response');
  expect(headers['grpc-status']).toBeUndefined();
});

it('ends a call whose response is never read, and none that is read slowly', async () => {
  const server = await serve({ unreadTimeoutMs: 1_500 });
  const unread = ['GetOrder', 'WatchOrder'].map((method) => {
    const stream = call(open(server), method);
    stream.end(key);
    return stream;
  });
  const slow = call(open(server), 'WatchOrder');
  slow.end(key);
  let bytes = 0;
  const reader = setInterval(() => {
    const piece: Buffer | null = slow.read();
    bytes += piece?.length ?? 0;
  }, 250);
  closers.push(() => clearInterval(reader));
  await Promise.all(unread.map((stream) => new Promise((resolve) => stream.once('close', resolve))));
  expect(unread.map(({ rstCode }) => rstCode)).toEqual([11, 11]);
  await expect.poll(() => bytes, { timeout: 20_000 }).toBeGreaterThan(1_000_000);
});

it('admits no call on a connection that has too much to read', async () => {
  const server = await serve({ maxUnreadBytesPerConnection: 50_000 });
  const session = open(server);
  call(session, 'GetOrder').end(key);
  const refused = async () => {
    const stream = call(session, 'SubmitOrder');
    stream.end(order);
    return statusOf(stream);
  };
  await expect.poll(refused, { timeout: 10_000 }).toBe(RESOURCE_EXHAUSTED);
  await expectServed(server);
});

it('has a bound for streams of requests', async () => {
  const server = await serve({ maxRequestStreams: 2 });
  const session = open(server);
  const streams = [call(session, 'SubmitOrders'), call(session, 'SubmitOrders')];
  expect(await statusOf(call(open(server), 'SubmitOrders'))).toBe(RESOURCE_EXHAUSTED);
  await expectServed(server);
  const [first] = streams;
  first?.close();
  const stranger = open(server);
  await expect.poll(() => answers(call(stranger, 'SubmitOrders')), { timeout: 10_000 }).toBe(false);
});

/** Whether a stream is answered at once: a ping that was sent after it comes back behind its answer. */
async function answers(stream: ClientHttp2Stream): Promise<boolean> {
  let answered = false;
  stream.once('response', () => {
    answered = true;
  });
  await new Promise((resolve) => stream.session?.ping(resolve));
  return answered;
}

it('leaves a share of its calls to every connection', async () => {
  const server = await serve({ maxCalls: 4 });
  const greedy = open(server);
  for (let index = 0; index < 4; index += 1) call(greedy, 'SubmitOrder').write(order.subarray(0, 3));
  const fifth = call(greedy, 'SubmitOrder');
  expect(await statusOf(fifth)).toBe(RESOURCE_EXHAUSTED);
  await expectServed(server);
});

it('refuses large headers', async () => {
  const server = await serve({});
  const stream = call(open(server), 'SubmitOrder', { 'x-large': 'x'.repeat(20_000) });
  stream.end(order);
  expect(await statusOf(stream)).toBe(RESOURCE_EXHAUSTED);
});

it('closes the connection that has been idle for longest when there are too many', async () => {
  const server = await serve({ maxConnections: 5 });
  const busy = call(open(server), 'SubmitOrders');
  busy.write(order);
  const sockets = [];
  for (let index = 0; index < 5; index += 1) {
    const socket = connectTcp({ host: '127.0.0.1', port: server.port });
    socket.on('error', () => {});
    socket.resume();
    closers.push(() => socket.destroy());
    sockets.push(socket);
    await once(socket, 'connect');
  }
  const [first, ...others] = sockets;
  if (first && !first.closed) await once(first, 'close');
  await expectServed(server);
  expect(busy.closed).toBe(false);
  expect(others.filter(({ closed }) => closed).length).toBeLessThanOrEqual(1);
});

it('closes a connection without calls', async () => {
  const server = await serve({ idleTimeoutMs: 500 });
  const socket = connectTcp({ host: '127.0.0.1', port: server.port });
  socket.resume();
  await once(socket, 'close');
});
