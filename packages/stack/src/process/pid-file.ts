import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemCodeOf } from '../errors.js';
import { isAlive, type ProcessIdentity } from './identity.js';

/** Writes the identity atomically. Creates the folder when it is missing. */
export function writePidFile(path: string, identity: ProcessIdentity): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(identity)}\n`);
  renameSync(temporary, path);
}

/** The process that a pid file names, if exactly that process still runs. A stale or broken file counts as none. */
export function readPidFile(path: string): ProcessIdentity | undefined {
  const identity = parseIdentity(readIfThere(path));
  return identity !== undefined && isAlive(identity) ? identity : undefined;
}

/** Removes a pid file; a missing one is fine. */
export function removePidFile(path: string): void {
  rmSync(path, { force: true });
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (fault) {
    if (systemCodeOf(fault) === 'ENOENT') return undefined;
    throw fault;
  }
}

function parseIdentity(text: string | undefined): ProcessIdentity | undefined {
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // cut short by a crash, so it names no process
  }
  if (typeof value !== 'object' || value === null || !('pid' in value) || !('startTime' in value))
    return undefined;
  const { pid, startTime } = value;
  return typeof pid === 'number' && typeof startTime === 'string' ? { pid, startTime } : undefined;
}
