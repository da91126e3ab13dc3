import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { download } from './download.js';

const content = Buffer.alloc(300_000, 'jar');
const sha256 = createHash('sha256').update(content).digest('hex');
let dir: string;
let server: Server;
let url: string;
let failures: number;
let requests: number;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'txmsg-download-'));
  failures = 0;
  requests = 0;
  server = createServer((_request, response) => {
    requests += 1;
    response.statusCode = requests <= failures ? 503 : 200;
    response.end(content);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  url = `http://127.0.0.1:${address.port}/a.jar`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(dir, { recursive: true });
});

test('places the file whole, and counts its bytes', async () => {
  let bytes = 0;
  const count = (more: number): void => {
    bytes += more;
  };
  await download({ url, sha256, destination: join(dir, 'sub', 'a.jar'), onBytes: count });
  expect(readFileSync(join(dir, 'sub', 'a.jar'))).toEqual(content);
  expect(readdirSync(join(dir, 'sub'))).toEqual(['a.jar']);
  expect(bytes).toBe(content.length);
});

test('refuses other content at once and leaves nothing', async () => {
  const wrong = download({ url, sha256: 'a'.repeat(64), destination: join(dir, 'a.jar') });
  await expect(wrong).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
  expect(readdirSync(dir)).toEqual([]);
  expect(requests).toBe(1);
});

test('tries again after a fault of the server', async () => {
  failures = 1;
  await download({ url, sha256, destination: join(dir, 'a.jar') });
  expect(requests).toBe(2);
});

test('two at once do not disturb each other', async () => {
  const file = { url, sha256, destination: join(dir, 'a.jar') };
  await Promise.all([download(file), download(file), download(file)]);
  expect(readdirSync(dir)).toEqual(['a.jar']);
  expect(readFileSync(join(dir, 'a.jar'))).toEqual(content);
});
