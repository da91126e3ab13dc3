import { startTestDatabase, type TestDatabase } from '@txmsg/stack/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createDatabase, type Database } from './database.js';
import { createDatabaseMonitor } from './database-monitor.js';

let server: TestDatabase;
let database: Database;

beforeAll(async () => {
  server = await startTestDatabase();
  database = createDatabase({ url: await server.createDatabase('monitor-spec') });
});
afterAll(async () => {
  await database?.close();
  await server?.stop();
});

it('believes a reported outage only when a ping fails too', async () => {
  const ping = vi.spyOn(database, 'ping');
  const monitor = createDatabaseMonitor(database, { quickPingTimeoutMs: 5_000 });
  monitor.reportOutage(new Error('a slow statement'));
  monitor.reportOutage(new Error('another'));
  expect(ping).toHaveBeenCalledTimes(1);
  await ping.mock.results[0]?.value;
  expect(monitor.available).toBe(true);
  ping.mockRestore();
});

it('sees a server that is paused, and synchronizes before it counts as back', async () => {
  const seen: unknown[] = [];
  const monitor = createDatabaseMonitor(database, {
    downMs: 50,
    pingTimeoutMs: 1_000,
    quickPingTimeoutMs: 200,
    onChange: (available) => seen.push(available),
    onPing: async () => void seen.push('synchronized'),
  });
  server.pause();
  monitor.reportOutage(new Error('no answer'));
  await expect.poll(() => monitor.available).toBe(false);
  const stopping = new AbortController();
  const running = monitor.run(stopping.signal);
  server.resume();
  await expect.poll(() => monitor.available, { timeout: 5_000 }).toBe(true);
  stopping.abort();
  await running;
  expect(seen).toEqual([false, 'synchronized', true]);
});

it('passes by a connection that a restart has ended', async () => {
  await database.ping(5_000);
  await server.restart();
  await database.ping(5_000);
});
