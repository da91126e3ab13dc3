import { readdirSync, readFileSync } from 'node:fs';
import { systemCodeOf } from '../errors.js';
import { type ProcessIdentity, signalProcess } from './identity.js';

const LONGEST_WAIT_MS = 2_000;

/**
 * Stops a process (SIGSTOP) and returns when all of its threads have stopped (on Linux; elsewhere at once). The signal
 * alone takes effect a little later, and until then the process still answers. False when the process no longer runs.
 */
export function freeze(identity: ProcessIdentity): boolean {
  if (!signalProcess(identity, 'SIGSTOP')) return false;
  const deadline = performance.now() + LONGEST_WAIT_MS;
  while (process.platform === 'linux' && performance.now() < deadline && !isStopped(identity.pid)) sleepMs(1);
  return true;
}

function isStopped(pid: number): boolean {
  return threadStates(pid).every((state) => state === 'T' || state === 'Z' || state === 'X');
}

function threadStates(pid: number): string[] {
  return ifThere(() => readdirSync(`/proc/${pid}/task`), []).map((thread) =>
    ifThere(() => {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
      return stat[stat.lastIndexOf(')') + 2] ?? 'X';
    }, 'X'),
  );
}

/** A thread, or the whole process, may end between two looks. */
function ifThere<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch (fault) {
    const code = systemCodeOf(fault);
    if (code === 'ENOENT' || code === 'ESRCH') return otherwise;
    throw fault;
  }
}

/** Blocks this thread: callers rely on the process being frozen when the call returns. */
function sleepMs(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
