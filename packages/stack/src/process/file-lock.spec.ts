import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withFileLock } from './file-lock.js';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'txmsg-lock-'));
});

afterEach(() => rmSync(dir, { recursive: true }));

test('one at a time, and nothing is left', async () => {
  let inside = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    inside += 1;
    most = Math.max(most, inside);
    await sleep(20);
    inside -= 1;
  };
  await Promise.all([1, 2, 3].map(() => withFileLock(join(dir, 'lock'), work)));
  expect(most).toBe(1);
  expect(readdirSync(dir)).toEqual([]);
});

test('the lock of a dead process is taken over', async () => {
  writeFileSync(join(dir, 'lock'), JSON.stringify({ pid: process.pid, startTime: 'long ago' }));
  expect(await withFileLock(join(dir, 'lock'), async () => 'done')).toBe('done');
});

test('it is released when the work fails', async () => {
  const failing = withFileLock(join(dir, 'lock'), () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  expect(readdirSync(dir)).toEqual([]);
});
