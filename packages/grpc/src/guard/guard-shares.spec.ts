import { once } from 'node:events';
import { afterEach, expect, it, vi } from 'vitest';
import {
  answers,
  call,
  closeAll,
  expectServed,
  framed,
  key,
  last,
  open,
  order,
  RESOURCE_EXHAUSTED,
  serve,
  statusOf,
} from '../test-support/guarded-server.js';
import { INTERNAL_LIMITS } from './server-limits.js';

const WATCH = '/grpc.health.v1.Health/Watch';
const REFLECT = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
const everything = framed(Buffer.alloc(0));
/** `list_services` with an empty name. */
const listServices = framed(Buffer.from('3a00', 'hex'));
const half = order.subarray(0, 9);

afterEach(async () => {
  vi.useRealTimers();
  await closeAll();
});

it('makes nothing of headers that no handler reads', async () => {
  const server = await serve({});
  const stream = call(open(server), 'SubmitOrder', {
    'x-bin': ','.repeat(15_000),
    'grpc-tags-bin': 'AAAA',
    'x-text': 'a',
    'user-agent': 'test',
  });
  stream.end(order);
  const [headers] = await once(stream, 'response');
  expect(headers['grpc-status']).toBeUndefined();
  expect(last.metadata?.getMap()).toEqual({ 'user-agent': 'test' });
});

it.each([
  ['many headers', Object.fromEntries(Array.from({ length: 70 }, (_, index) => [`x-${index}`, 'a']))],
  ['large headers that handlers read', { 'user-agent': 'x'.repeat(3_000) }],
  ['a long path', { ':path': `/${'x'.repeat(3_000)}` }],
])('refuses %s', async (_, headers) => {
  const server = await serve({});
  const stream = call(open(server), 'SubmitOrder', headers);
  stream.end(order);
  expect(await statusOf(stream)).toBe(RESOURCE_EXHAUSTED);
});

it('takes a place from the connection with the most streams for one that has fewer', async () => {
  const server = await serve({ maxRequestStreams: 4 });
  const greedy = open(server);
  const trickling = Array.from({ length: 4 }, () => call(greedy, 'SubmitOrders'));
  for (const stream of trickling) stream.write(order);
  const others = [open(server), open(server), open(server)];
  for (const session of others) expect(await answers(call(session, 'SubmitOrders'))).toBe(false);
  await expect.poll(() => trickling.filter(({ closed }) => closed).length).toBe(3);
  expect(await statusOf(call(open(server), 'SubmitOrders'))).toBe(RESOURCE_EXHAUSTED);
  expect(await statusOf(call(greedy, 'SubmitOrders'))).toBe(RESOURCE_EXHAUSTED);
});

it('has places of their own for server reflection', async () => {
  const server = await serve({ maxRequestStreams: 1, maxReflectionStreams: 1 });
  const session = open(server);
  expect(await answers(call(session, 'SubmitOrders'))).toBe(false);
  const reflection = call(session, REFLECT);
  reflection.write(listServices);
  const [headers] = await once(reflection, 'response');
  expect(headers['grpc-status']).toBeUndefined();
  expect(await statusOf(call(session, REFLECT))).toBe(RESOURCE_EXHAUSTED);
});

it('serves a new connection when others only watch the health: one of them gives way', async () => {
  const server = await serve({ maxConnections: 5 });
  const works = call(open(server), 'SubmitOrders');
  expect(await answers(works)).toBe(false);
  const watches = Array.from({ length: 4 }, () => call(open(server), WATCH));
  for (const watch of watches) watch.end(everything);
  await Promise.all(watches.map((watch) => once(watch, 'response')));
  await expectServed(server);
  expect([works.closed, watches.filter(({ closed }) => closed).length]).toEqual([false, 1]);
});

it('serves a new connection when all others have calls: one of the address with the most gives way', async () => {
  const server = await serve({ maxConnections: 5 });
  const honest = call(open(server), 'SubmitOrders');
  expect(await answers(honest)).toBe(false);
  const crowd = [];
  for (let index = 0; index < 4; index += 1) {
    const stream = call(open(server, '127.0.0.2'), 'SubmitOrders');
    expect(await answers(stream)).toBe(false);
    crowd.push(stream);
  }
  await expectServed(server);
  expect([honest.closed, crowd.map(({ closed }) => closed)]).toEqual([false, [true, false, false, false]]);
});

it('divides the calls among the connections that have some', async () => {
  const server = await serve({ maxCalls: 8 });
  const greedy = open(server);
  for (let index = 0; index < 8; index += 1) call(greedy, 'SubmitOrder').write(half);
  const idle = Array.from({ length: 20 }, () => open(server));
  await Promise.all(idle.map((session) => once(session, 'remoteSettings')));
  const honest = open(server);
  for (let index = 0; index < 3; index += 1) {
    const stream = call(honest, 'SubmitOrder');
    stream.write(half);
    expect(await answers(stream)).toBe(false);
  }
});

it('has twice as many calls as its limit at most: the connection with the most gives up its oldest ones', async () => {
  const server = await serve({ maxCalls: 4 });
  const held = [];
  for (const count of [4, 2, 2]) {
    const session = open(server);
    for (let index = 0; index < count; index += 1) {
      const stream = call(session, 'SubmitOrder');
      stream.write(half);
      expect(await answers(stream)).toBe(false);
      held.push(stream);
    }
  }
  const gone = held.slice(0, 2).map(statusOf);
  const ninth = call(open(server), 'SubmitOrder');
  ninth.write(half);
  expect(await answers(ninth)).toBe(false);
  expect(await Promise.all(gone)).toEqual([RESOURCE_EXHAUSTED, RESOURCE_EXHAUSTED]);
  expect(held.slice(2).some(({ closed }) => closed)).toBe(false);
});

it('lets an export of one of our own services wait unread while another is behind', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const server = await serve(INTERNAL_LIMITS);
  const session = open(server);
  const waiting = call(session, 'WatchOrder');
  waiting.end(key);
  await once(waiting, 'response');
  vi.advanceTimersByTime(14 * 60_000);
  await new Promise((resolve) => session.ping(resolve));
  let bytes = 0;
  for await (const piece of waiting) bytes += piece.length;
  expect([bytes > 1_000_000, waiting.rstCode]).toEqual([true, 0]);
});
