import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { checkBrokerMemory } from './check-broker-memory.js';

const dirs: string[] = [];
afterEach(() => dirs.splice(0).forEach((dir) => void rmSync(dir, { recursive: true })));

function part(name: string, output: string, own: string) {
  const dir = mkdtempSync(join(tmpdir(), 'txmsg-broker-memory-'));
  dirs.push(dir);
  mkdirSync(join(dir, 'logs', 'rocketmqlogs'), { recursive: true });
  writeFileSync(join(dir, 'out.log'), output);
  writeFileSync(join(dir, 'logs', 'rocketmqlogs', 'store.log'), own);
  return { name, logFile: join(dir, 'out.log'), logDir: join(dir, 'logs') };
}

it('tells of a process whose logs speak of exhausted memory', () => {
  const sound = part('proxy', 'started\n', 'a message\n');
  const broken = part(
    'broker',
    'java.lang.OutOfMemoryError: Java heap space\n',
    'x\njava.lang.OutOfMemoryError: Cannot reserve 4259840 bytes of direct buffer memory\n',
  );
  expect(checkBrokerMemory([sound, broken])).toEqual([
    'broker ran out of memory 2 times, so the run proves nothing',
  ]);
});

it('is content with a process that has no logs', () => {
  expect(
    checkBrokerMemory([{ name: 'namesrv', logFile: '/nowhere/x.log', logDir: '/nowhere/logs' }]),
  ).toEqual([]);
});
