import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { waitFor } from '../wait.js';
import { createTcpProxy, type TcpProxy } from './tcp-proxy.js';

let echo: Server;
let proxy: TcpProxy;
const clients: Socket[] = [];

beforeEach(async () => {
  echo = createServer((socket) => socket.on('error', () => {}).pipe(socket));
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const address = echo.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  proxy = await createTcpProxy({ target: `127.0.0.1:${address.port}` });
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.close();
  echo.close();
});

async function client(): Promise<Socket> {
  const socket = connect(proxy.port, '127.0.0.1');
  clients.push(socket);
  await once(socket, 'connect');
  return socket;
}

async function ask(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return answer.toString();
}

test('forwards both ways and passes on the end', async () => {
  const socket = await client();
  expect(await ask(socket, 'hello')).toBe('hello');
  socket.end();
  await once(socket, 'close');
  await waitFor(() => proxy.connections === 0, { timeoutMs: 2_000, what: 'the pair is gone' });
});

test('cut breaks connections, refuses new ones, and restore heals', async () => {
  const socket = await client();
  await ask(socket, 'hello');
  const broken = once(socket, 'error');
  proxy.cut();
  await broken;
  const refused = connect(proxy.port, '127.0.0.1');
  clients.push(refused);
  const [fault] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
  expect(['ECONNRESET', 'ECONNREFUSED']).toContain(fault.code);
  proxy.restore();
  expect(await ask(await client(), 'again')).toBe('again');
});

test('drop swallows without closing, and restore breaks what lost something', async () => {
  const socket = await client();
  await ask(socket, 'hello');
  proxy.drop();
  socket.write('lost');
  const outcome = await Promise.race([once(socket, 'data'), once(socket, 'close'), sleep(200, 'silence')]);
  expect(outcome).toBe('silence');
  const broken = once(socket, 'error');
  proxy.restore();
  await broken;
});

test('slow delays and keeps the order, also when the delay changes', async () => {
  const socket = await client();
  let received = '';
  socket.on('data', (piece) => {
    received += piece.toString();
  });
  proxy.slow(100);
  const start = performance.now();
  socket.write('a');
  await sleep(20);
  proxy.slow(0);
  socket.write('b');
  await waitFor(() => received.length === 2, { timeoutMs: 2_000, intervalMs: 5, what: 'both came' });
  expect(received).toBe('ab');
  expect(performance.now() - start).toBeGreaterThan(75);
});

test('onRequest shows what clients send, and only that, until it is stopped', async () => {
  const seen: string[] = [];
  const stop = proxy.onRequest((piece) => seen.push(piece.toString()));
  const socket = await client();
  await ask(socket, 'hello');
  stop();
  await ask(socket, 'again');
  expect(seen).toEqual(['hello']);
});

test('setTarget sends new connections elsewhere, and leaves open ones where they are', async () => {
  const socket = await client();
  expect(await ask(socket, 'hello')).toBe('hello');
  const other = createServer((peer) => peer.on('error', () => {}).end('other'));
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  proxy.setTarget(`127.0.0.1:${address.port}`);
  expect(await ask(await client(), 'hello')).toBe('other');
  expect(await ask(socket, 'still here')).toBe('still here');
  other.close();
});
