import { afterEach, expect, it } from 'vitest';
import { openServers } from './open-servers.js';

const CONFIG = {
  host: '127.0.0.1',
  grpcPort: 0,
  internalHost: '127.0.0.1',
  internalPort: 0,
  graceMs: 0,
};
const CONTENT = { open: [], internal: [], isServing: () => true };

const closers: { name: string; close: () => Promise<void> | void }[] = [];
const lines: string[] = [];
const note = (_: object, message: string) => void lines.push(message);
const scope = {
  logger: { debug: note, info: note, warn: note, error: note },
  onStop: (name: string, close: () => Promise<void> | void) => void closers.push({ name, close }),
};

afterEach(async () => {
  for (const { close } of closers.splice(0)) await close();
  lines.length = 0;
});

it('opens the internal server first, so the public one is stopped first', async () => {
  const { grpcPort, internalPort } = await openServers(CONFIG, CONTENT, scope);
  expect(closers.map(({ name }) => name)).toEqual(['internal server', 'public server']);
  expect(lines).toEqual(['internal server is up', 'public server is up']);
  expect(new Set([grpcPort, internalPort, 0]).size).toBe(3);
});

it('leaves the first server to the scope when the second can not be opened', async () => {
  const { internalPort } = await openServers(CONFIG, CONTENT, scope);
  await expect(openServers({ ...CONFIG, grpcPort: internalPort }, CONTENT, scope)).rejects.toThrow();
  expect(closers.map(({ name }) => name).slice(2)).toEqual(['internal server']);
});
