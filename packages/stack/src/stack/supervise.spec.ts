import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Part } from '../parts/part.js';
import { servicePart } from '../parts/service-part.js';
import { waitFor } from '../wait.js';
import { supervise } from './supervise.js';

let dir: string;
let part: Part;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'txmsg-spec-'));
  const entry = join(dir, 'sleeper.mjs');
  writeFileSync(entry, 'setInterval(() => {}, 1000);');
  part = servicePart({
    name: 'sleeper',
    entry,
    env: process.env,
    ports: {},
    probes: [],
    dataDir: join(dir, 'data'),
    logFile: join(dir, 'log'),
    pidFile: join(dir, 'pid'),
  });
  await part.start({ outlive: false });
});

afterEach(async () => {
  await part.kill();
  rmSync(dir, { recursive: true });
});

test('a part that was killed is started again, and the signal ends it all', async () => {
  const said: string[] = [];
  const stop = new AbortController();
  const supervising = supervise(part, { outlive: false }, (line) => said.push(line), stop.signal);
  const before = part.process;
  await part.kill();
  await waitFor(() => said.some((line) => line.includes('ready again')), {
    timeoutMs: 10_000,
    what: 'it is back',
  });
  expect(said[0]).toContain('SIGKILL');
  expect(part.process).toBeDefined();
  expect(part.process).not.toEqual(before);
  stop.abort();
  await supervising;
  expect(part.running).toBe(true);
});
