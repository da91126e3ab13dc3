import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identify } from './process/identity.js';
import { writePidFile } from './process/pid-file.js';

const cli = pathToFileURL(join(import.meta.dirname, '../dist/cli.js')).href;
let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'txmsg-home-'));
});

afterEach(() => rmSync(home, { recursive: true }));

/** Runs a command in a process of its own, as the starter does. */
function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const source = `import { runCli } from ${JSON.stringify(cli)}; await runCli(process.argv.slice(1), process.env);`;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--input-type=module', '-e', source, '--', ...args],
      { env: { ...process.env, TXMSG_HOME: home } },
      (fault, stdout, stderr) => resolve({ code: Number(fault?.code ?? 0), stdout, stderr }),
    );
  });
}

test('status --json of a stack that never ran is one JSON object without parts', async () => {
  const { code, stdout } = await run('status', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ parts: [] });
});

test('a command or an option that does not exist tells the usage', async () => {
  for (const args of [['dance'], [], ['status', '--loud']]) {
    const { code, stderr } = await run(...args);
    expect(code).toBe(2);
    expect(stderr).toContain('usage');
  }
});

test('down with nothing running says so', async () => {
  const { code, stdout } = await run('down');
  expect(code).toBe(0);
  expect(stdout).toContain('nothing was running');
});

test('start refuses while another process runs the stack in the foreground', async () => {
  const self = identify(process.pid);
  if (self === undefined) throw new Error('this process has no identity');
  writePidFile(join(home, 'run', 'start.pid'), self);
  const { code, stderr } = await run('start');
  expect(code).toBe(1);
  expect(stderr).toContain(`already running in the foreground (pid ${process.pid})`);
});

test('reset removes what is ours and leaves what is not', async () => {
  writeFileSync(join(home, 'notes.txt'), 'mine');
  writePidFile(join(home, 'run', 'old.pid'), { pid: 1, startTime: 'long ago' });
  const { code } = await run('reset');
  expect(code).toBe(0);
  expect(readdirSync(home)).toEqual(['notes.txt']);
});
