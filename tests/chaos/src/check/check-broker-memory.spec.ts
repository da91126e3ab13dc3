import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, it } from 'vitest';
import { checkBrokerMemory } from './check-broker-memory.js';

const HEAP = 'x\njava.lang.OutOfMemoryError: Java heap space\n';
const DIRECT = 'java.lang.OutOfMemoryError: Cannot reserve 4259840 bytes of direct buffer memory\n';
const NETTY = 'io.netty.util.internal.OutOfDirectMemoryError: failed to allocate 4194304 byte(s)\n';

const dirs: string[] = [];
afterEach(() => dirs.splice(0).forEach((dir) => void rmSync(dir, { recursive: true })));

function part(name: string, files: Readonly<Record<string, string | Buffer>>) {
  const dir = mkdtempSync(join(tmpdir(), 'txmsg-broker-memory-'));
  dirs.push(dir);
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    writeFileSync(join(dir, file), content);
  }
  return { name, logFile: join(dir, 'broker.log'), logDir: join(dir, 'logs') };
}

it.each<[string, string | Buffer]>([
  ['broker.log', HEAP],
  ['broker.log.1', HEAP],
  ['logs/rocketmqlogs/store.log', DIRECT],
  ['logs/rocketmqlogs/remoting.log', NETTY],
  ['logs/rocketmqlogs/otherdays/pop.1.log.gz', gzipSync(DIRECT)],
])('finds it in %s', (file, content) => {
  const sound = part('proxy', { 'broker.log': 'started\n', 'logs/rocketmqlogs/proxy.log': 'a message\n' });
  const broken = part('broker', { 'broker.log': 'started\n', [file]: content });
  expect(checkBrokerMemory([sound, broken])).toEqual([
    expect.stringMatching(/^broker ran out of memory \(.+\), so the run proves nothing$/),
  ]);
});

it('is content with a process that has no logs', () => {
  expect(checkBrokerMemory([part('namesrv', {})])).toEqual([]);
});
