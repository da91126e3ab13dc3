import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { sleep } from '@txmsg/core';
import { systemCodeOf } from '../errors.js';
import { identify } from './identity.js';
import { readPidFile } from './pid-file.js';

/** How to wait for a lock. */
export interface FileLockOptions {
  /** Called once when another process holds the lock. */
  readonly onWait?: (holderPid: number) => void;
}

/**
 * Runs `work` while this process alone holds the lock file. Takes over the lock of a process that has died. Waits
 * without a limit: the holder is alive and will end or die.
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
 * Takes the lock file for this process when no living process holds it (this one counts too); otherwise returns false.
 * The new holder removes the file.
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

/** Removes the dead holder's file, unless another process was faster and already holds a new one. */
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
