import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { freePort, isPortFree, portOrFree } from './ports.js';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(port: number, host: string): Promise<void> {
  const server = createServer();
  servers.push(server);
  server.listen(port, host);
  await once(server, 'listening');
}

test('free ports differ and can be listened on', async () => {
  const ports = await Promise.all(Array.from({ length: 20 }, () => freePort()));
  expect(new Set(ports).size).toBe(20);
  await listen(ports[0] ?? 0, '127.0.0.1');
});

test.each(['127.0.0.1', '0.0.0.0', '::1', '::'])('a port that is taken on %s is not free', async (host) => {
  const port = await freePort();
  expect(await isPortFree(port)).toBe(true);
  await listen(port, host);
  expect(await isPortFree(port)).toBe(false);
});

test('the wanted port when it is free, else another one', async () => {
  // Outside the range that the system gives to connections.
  const wanted = 61_000 + ((await freePort()) % 4_000);
  expect(await portOrFree(wanted)).toBe(wanted);
  const taken = await freePort();
  await listen(taken, '127.0.0.1');
  expect(await portOrFree(taken)).not.toBe(taken);
});

test('a port counts as taken when a neighbour that is needed too is taken', async () => {
  const neighbour = (await freePort()) + 20_000;
  await listen(neighbour, '127.0.0.1');
  expect(await portOrFree(neighbour + 2, [-2])).not.toBe(neighbour + 2);
});
