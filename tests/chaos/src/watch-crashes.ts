import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceProcess } from '@txmsg/testbed';
import type { CrashEvent } from './history/history-event.js';
import { bringUp } from './nemesis/faults/managed-process.js';
import type { ResourceLocks } from './nemesis/resource-locks.js';

const LOOK_MS = 500;
const LOG_LINES = 20;

/**
 * Looks for services that ended although no fault ended them, until the signal is aborted. Writes each down and starts
 * it again.
 */
export async function watchCrashes(
  services: readonly ServiceProcess[],
  locks: ResourceLocks,
  write: (event: CrashEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    for (const service of services) {
      if (service.running || locks.isHeld(service.name)) continue;
      const detail = readFileSync(service.logFile, 'utf8').trimEnd().split('\n').slice(-LOG_LINES).join('\n');
      write({ type: 'crash', atMs: Date.now(), process: service.name, detail });
      await restart(service, locks, signal);
    }
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
  }
}

async function restart(service: ServiceProcess, locks: ResourceLocks, signal: AbortSignal): Promise<void> {
  const release = await locks.acquire([service.name], signal).catch(() => undefined);
  if (!release) return; // the run is over
  try {
    if (!service.running) await bringUp(service);
  } finally {
    release();
  }
}
