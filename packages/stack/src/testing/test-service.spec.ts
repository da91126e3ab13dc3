import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../ports.js';
import { isAlive, type ProcessIdentity } from '../process/identity.js';
import { waitFor } from '../wait.js';
import { startTestService } from './test-service.js';

let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'txmsg-spec-'));
});

afterAll(() => rmSync(dir, { recursive: true }));

function program(name: string, source: string): string {
  const path = join(dir, `${name}.mjs`);
  writeFileSync(path, source);
  return path;
}

test('runs, is stopped in order, starts again with other variables, and is killed', async () => {
  const entry = program(
    'polite',
    `console.log('hello ' + process.env.WHO);
     process.on('SIGTERM', () => { console.log('bye'); process.exit(0); });
     setInterval(() => {}, 1000);`,
  );
  const service = await startTestService({ name: 'polite', entry, env: { WHO: 'one' } });
  await waitFor(() => service.log().includes('hello one'), { timeoutMs: 5_000, what: 'it says hello' });
  await service.stop();
  expect(service.log()).toContain('bye');
  expect(service.running).toBe(false);
  await service.start({ WHO: 'two' });
  await waitFor(() => service.log().includes('hello two'), { timeoutMs: 5_000, what: 'it says hello again' });
  const ended = service.exited();
  await service.kill();
  await ended;
  expect(service.pid).toBeUndefined();
  await service.remove();
  expect(existsSync(service.logFile)).toBe(false);
});

test('one that ends before it is ready throws with the end of its log', async () => {
  const entry = program('failing', `console.error('no such database'); process.exit(3);`);
  const starting = startTestService({ name: 'failing', entry, healthPorts: [await freePort()] });
  await expect(starting).rejects.toMatchObject({
    code: 'PART_DIED',
    message: expect.stringContaining('no such database'),
  });
});

test('a service dies with the process that started it, however that ends', async () => {
  const sleeper = program('sleeper', 'setInterval(() => {}, 1000);');
  const api = pathToFileURL(join(import.meta.dirname, '../../dist/testing/index.js')).href;
  const owner = program(
    'owner',
    `import { startTestService } from ${JSON.stringify(api)};
     import { join, dirname } from 'node:path';
     const service = await startTestService({ name: 'sleeper', entry: ${JSON.stringify(sleeper)} });
     console.log(join(dirname(service.logFile), 'service.pid'));
     setInterval(() => {}, 1000);`,
  );
  const child = spawn(process.execPath, [owner], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const pidFile = line.toString().trim();
  const service = JSON.parse(readFileSync(pidFile, 'utf8')) as ProcessIdentity;
  expect(isAlive(service)).toBe(true);
  child.kill('SIGKILL');
  await waitFor(() => !isAlive(service), { timeoutMs: 10_000, what: 'the orphan is gone' });
  await waitFor(() => !existsSync(pidFile), { timeoutMs: 10_000, what: 'its folder is gone' });
});
