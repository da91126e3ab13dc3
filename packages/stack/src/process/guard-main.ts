import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, type ProcessIdentity, signalProcess } from './identity.js';

/** A line that the guarded process writes to the guard's standard input. */
export type GuardMessage =
  | { readonly kind: 'watch'; readonly process: ProcessIdentity; readonly graceMs: number }
  | { readonly kind: 'forget'; readonly process: ProcessIdentity }
  | { readonly kind: 'watch-dir'; readonly path: string }
  | { readonly kind: 'forget-dir'; readonly path: string };

const watched = new Map<number, { process: ProcessIdentity; graceMs: number }>();
const dirs = new Set<string>();

// Only the end of standard input ends the guard: it closes when the guarded process ends, for whatever reason. Signals
// meant for a whole terminal must not end the guard first.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => note(JSON.parse(line) as GuardMessage));
lines.on('close', () => void cleanUp());

function note(message: GuardMessage): void {
  if (message.kind === 'watch') watched.set(message.process.pid, message);
  else if (message.kind === 'forget') watched.delete(message.process.pid);
  else if (message.kind === 'watch-dir') dirs.add(message.path);
  else if (message.kind === 'forget-dir') dirs.delete(message.path);
}

async function cleanUp(): Promise<void> {
  await Promise.all([...watched.values()].map(({ process, graceMs }) => end(process, graceMs)));
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
}

async function end(identity: ProcessIdentity, graceMs: number): Promise<void> {
  if (graceMs > 0) {
    // A paused process can't take the signal.
    signalProcess(identity, 'SIGCONT');
    signalProcess(identity, 'SIGTERM');
    const deadline = Date.now() + graceMs;
    while (isAlive(identity) && Date.now() < deadline) await sleep(50);
  }
  signalProcess(identity, 'SIGKILL');
  while (isAlive(identity)) await sleep(10);
}
