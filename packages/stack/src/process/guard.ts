import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { GuardMessage } from './guard-main.js';
import type { ProcessIdentity } from './identity.js';

/**
 * Ends processes and removes folders when this process ends, also when it is killed: a small process
 * beside it waits for that. A process that was stopped in order is forgotten before.
 */
export interface OrphanGuard {
  /** Ends this process (SIGTERM, then SIGKILL after `graceMs`; at once for 0) if we end first. */
  watch(process: ProcessIdentity, graceMs: number): void;
  forget(process: ProcessIdentity): void;
  /** Removes this folder, after the processes have ended, if we end first. */
  watchDir(path: string): void;
  forgetDir(path: string): void;
}

let shared: OrphanGuard | undefined;

/** The guard of this process, started at the first call; it doesn't keep the process alive. */
export function orphanGuard(): OrphanGuard {
  shared ??= startGuard();
  return shared;
}

function startGuard(): OrphanGuard {
  // From src/ (tests) and from dist/ alike this is the built program.
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
