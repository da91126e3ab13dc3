import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identify, isAlive, type ProcessIdentity, signalProcess } from './identity.js';
import { readPidFile, removePidFile, writePidFile } from './pid-file.js';

let dir: string;
let file: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'txmsg-pid-'));
  file = join(dir, 'run', 'a.pid');
});

afterEach(() => rmSync(dir, { recursive: true }));

function self(): ProcessIdentity {
  const identity = identify(process.pid);
  if (identity === undefined) throw new Error('this process has no identity');
  return identity;
}

test('names a living process until it is removed', () => {
  expect(readPidFile(file)).toBeUndefined();
  writePidFile(file, self());
  expect(readPidFile(file)).toEqual(self());
  removePidFile(file);
  expect(readPidFile(file)).toBeUndefined();
});

test('a pid that another process got later is never taken for the old one, nor signalled', () => {
  const recycled = { pid: process.pid, startTime: 'of another process' };
  writePidFile(file, recycled);
  expect(readPidFile(file)).toBeUndefined();
  expect(isAlive(recycled)).toBe(false);
  expect(signalProcess(recycled, 'SIGKILL')).toBe(false);
});

test.each(['', '{', '42', '{"pid":"1"}', '{"pid":1}'])('a broken file %j names nobody', (content) => {
  writePidFile(file, self());
  writeFileSync(file, content);
  expect(readPidFile(file)).toBeUndefined();
});

test('an ended process is not alive', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const identity = identify(child.pid ?? 0);
  if (identity === undefined) throw new Error('the child has no identity');
  expect(isAlive(identity)).toBe(true);
  const ended = once(child, 'exit');
  expect(signalProcess(identity, 'SIGKILL')).toBe(true);
  await ended;
  expect(isAlive(identity)).toBe(false);
  expect(signalProcess(identity, 'SIGTERM')).toBe(false);
});
