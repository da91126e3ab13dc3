import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { GuardMessage } from './guard-main.js';
import type { ProcessIdentity } from './identity.js';

/**
 * Ends processes and removes folders when this process ends, also when it is killed: a small process beside it waits
 * for that. Forget a process that was stopped in order.
 */
export interface OrphanGuard {
  /** Ends this process if we end first: SIGTERM, then SIGKILL after `graceMs`; at once for 0. */
  watch(process: ProcessIdentity, graceMs: number): void;
  forget(process: ProcessIdentity): void;
  /** Removes this folder if we end first, after the processes have ended. */
  watchDir(path: string): void;
  forgetDir(path: string): void;
}

let shared: OrphanGuard | undefined;

/** The guard of this process, started at the first call. It doesn't keep this process alive. */
export function orphanGuard(): OrphanGuard {
  shared ??= startGuard();
  return shared;
}

function startGuard(): OrphanGuard {
  // The built program, whether this file runs from src/ (tests) or from dist/.
  const program = fileURLToPath(new URL('../../dist/process/guard-main.js', import.meta.url));
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  child.unref();
  // A pipe is a socket here and has unref(), which its declared type lacks.
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
  const send = (message: GuardMessage): void => {
    child.stdin.write(`${JSON.stringify(message)}\n`);
  };
  return {
    watch: (process, graceMs) => send({ kind: 'watch', process, graceMs }),
    forget: (process) => send({ kind: 'forget', process }),
    watchDir: (path) => send({ kind: 'watch-dir', path }),
    forgetDir: (path) => send({ kind: 'forget-dir', path }),
  };
}
