import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { sleep } from '@txmsg/core';
import { systemCodeOf } from '../errors.js';
import { identify } from './identity.js';
import { readPidFile } from './pid-file.js';

/** How a lock is waited for. */
export interface FileLockOptions {
  /** Called once when another process holds the lock. */
  readonly onWait?: (holderPid: number) => void;
}

/**
 * Runs `work` while this process alone holds the lock file. The lock of a process that has died is
 * taken over. Waits without a limit: the holder is alive and will end or die.
 */
export async function withFileLock<T>(
  path: string,
  work: () => Promise<T>,
  options: FileLockOptions = {},
): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  let told = false;
  while (!tryFileLock(path)) {
    const holder = readPidFile(path);
    if (!told && holder !== undefined) {
      options.onWait?.(holder.pid);
      told = true;
    }
    await sleep(100);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

/**
 * Takes the lock file for this process if nobody alive holds it (this process counts, too); false otherwise. Who got it
 * removes the file.
 */
export function tryFileLock(path: string): boolean {
  if (tryLock(path)) return true;
  if (readPidFile(path) !== undefined) return false;
  removeStale(path);
  return tryLock(path);
}

/** A hard link appears with its whole content at once, or fails because the name is taken. */
function tryLock(path: string): boolean {
  const own = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  writeFileSync(own, JSON.stringify(identify(process.pid)));
  try {
    linkSync(own, path);
    return true;
  } catch (fault) {
    if (systemCodeOf(fault) === 'EEXIST') return false;
    throw fault;
  } finally {
    rmSync(own, { force: true });
  }
}

/** Takes the dead holder's file away, unless someone else was faster and already holds a new one. */
function removeStale(path: string): void {
  const aside = `${path}.${process.pid}.stale`;
  try {
    const before = readFileSync(path, 'utf8');
    renameSync(path, aside);
    if (readFileSync(aside, 'utf8') !== before) linkSync(aside, path);
  } catch (fault) {
    const code = systemCodeOf(fault);
    if (code !== 'ENOENT' && code !== 'EEXIST') throw fault;
  } finally {
    rmSync(aside, { force: true });
  }
}
