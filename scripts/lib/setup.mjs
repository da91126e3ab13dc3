// Brings the dependencies and the build up to date.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { runQuietly, runTurboQuietly } from './run.mjs';
import { say } from './tools.mjs';

/** The root folder of the repository. */
export const repoRoot = fileURLToPath(new URL('../../', import.meta.url));

const STACK_CLI = join(repoRoot, 'packages/stack/dist/cli.js');
const LOCK_FILE = join(repoRoot, 'pnpm-lock.yaml');
// The lock file for which the dependencies were installed.
const STAMP = join(repoRoot, 'node_modules', '.txmsg-installed');
const TELL_AFTER_MS = 1_500;

/**
 * Installs and builds what is out of date. With `everything: false` it does so only when the stack's own code was never
 * built. Two runs in one folder wait for each other.
 */
export async function ensureBuilt({ everything }) {
  if (!everything && existsSync(STACK_CLI)) return;
  await withLock(async () => {
    const wanted = createHash('sha256').update(readFileSync(LOCK_FILE)).digest('hex');
    if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== wanted) {
      await install();
      writeFileSync(STAMP, wanted);
    }
    const filter = everything ? [] : ['--filter=@txmsg/stack'];
    await tellWhenSlow('building the packages', () => runTurboQuietly(['run', 'build', ...filter]));
  });
}

async function install() {
  const args = ['install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only'];
  const env = { ...process.env, CI: 'true' }; // it must not ask
  const work = () => runQuietly('pnpm', args, { env, shell: process.platform === 'win32' });
  await tellWhenSlow('installing the dependencies', work);
}

/** Names a long step while it runs. Shows the output of a failed step only. */
async function tellWhenSlow(what, work) {
  const start = Date.now();
  let told = false;
  const timer = setTimeout(() => {
    told = true;
    say(`${what} …`);
  }, TELL_AFTER_MS);
  try {
    const { code, output } = await work();
    if (code !== 0) throw new Error(`${output}\n${what} failed (exit code ${code})`);
  } finally {
    clearTimeout(timer);
  }
  if (told) say(`${what}: done in ${((Date.now() - start) / 1000).toFixed(1)} s`);
}

async function withLock(work) {
  const name = createHash('sha256').update(repoRoot).digest('hex').slice(0, 16);
  const file = join(tmpdir(), `txmsg-setup-${name}`);
  let told = false;
  while (!tryLock(file)) {
    if (!told) say('waiting for another run that installs or builds');
    told = true;
    await sleep(200);
  }
  try {
    await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function tryLock(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (fault) {
    if (fault.code !== 'EEXIST') throw fault;
  }
  if (!holderLives(file)) rmSync(file, { force: true });
  return false;
}

function holderLives(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    if (pid > 0) process.kill(pid, 0);
    return true; // also true at the moment when the file is still empty
  } catch (fault) {
    return fault.code === 'EPERM';
  }
}
