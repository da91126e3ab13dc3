import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MemoryEvent } from '../history/history-event.js';

/** A process whose memory is watched. */
export interface WatchedProcess {
  readonly name: string;
  /** Undefined while the process doesn't run. */
  readonly pid: number | undefined;
}

const LOOK_MS = 200;
/** The growth that is worth writing down. */
const STEP_BYTES = 1e6;

/**
 * Writes down the peak memory of each process as it grows, until the signal is aborted. Does nothing where there is no
 * /proc.
 */
export async function watchMemory(
  processes: readonly WatchedProcess[],
  write: (event: MemoryEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const told = new Map<number, number>();
  const look = () => {
    for (const { name, pid } of processes) {
      const peakBytes = pid === undefined ? undefined : readPeakMemory(pid);
      if (pid === undefined || peakBytes === undefined) continue;
      if (peakBytes < (told.get(pid) ?? 0) + STEP_BYTES) continue;
      told.set(pid, peakBytes);
      write({ type: 'memory', atMs: Date.now(), process: name, pid, peakBytes });
    }
  };
  while (!signal.aborted) {
    look();
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
  }
  look();
}

/** The most resident memory that a process has had since its start, in bytes. Undefined when it can't be read. */
export function readPeakMemory(pid: number): number | undefined {
  let status: string;
  try {
    status = readFileSync(`/proc/${pid}/status`, 'latin1');
  } catch {
    return undefined; // the process has ended, or there is no /proc
  }
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1_024;
}
