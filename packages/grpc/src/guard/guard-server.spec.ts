import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import {
  answers,
  bulk,
  call,
  closeAll,
  closers,
  DEADLINE_EXCEEDED,
  expectServed,
  framed,
  key,
  open,
  order,
  RESOURCE_EXHAUSTED,
  serve,
  statusOf,
} from '../test-support/guarded-server.js';

afterEach(closeAll);

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
  bulk.handle = async (stream) => {
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
  // A message in many pieces is complete once all pieces are there.
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
  expect(await statusOf(call(session, 'SubmitOrders'))).toBe(RESOURCE_EXHAUSTED);
  await expectServed(server);
  const [first] = streams;
  first?.close();
  await expect.poll(() => answers(call(session, 'SubmitOrders')), { timeout: 10_000 }).toBe(false);
});

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
