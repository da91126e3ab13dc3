import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultEvent } from '../history/history-event.js';
import type { InjectedFault } from './faults/chaos-context.js';
import type { PlannedFault } from './plan-faults.js';
import type { ResourceLocks } from './resource-locks.js';

/** What a nemesis works with. */
export interface NemesisOptions {
  readonly plan: readonly PlannedFault[];
  readonly locks: ResourceLocks;
  /** What the fault needs for itself. */
  readonly resources: (fault: PlannedFault) => readonly string[];
  /** Injects the fault. When it throws, the error is written down and the fault counts as failed. */
  readonly inject: (fault: PlannedFault) => Promise<InjectedFault>;
  readonly write: (event: FaultEvent) => void;
  /** Called when a fault is undone. */
  readonly onEnd: (fault: PlannedFault, atMs: number) => void;
}

/**
 * Injects the faults of a plan, each at its time, or later while something that it needs is in use. Undoes each after
 * its duration. When the signal is aborted, undoes at once what lasts, and skips what has not begun.
 *
 * @returns when every fault that began is undone
 */
export async function runNemesis(options: NemesisOptions, signal: AbortSignal): Promise<void> {
  const startMs = performance.now();
  await Promise.all(options.plan.map((fault) => runFault(options, fault, startMs, signal)));
}

async function runFault(
  options: NemesisOptions,
  fault: PlannedFault,
  startMs: number,
  signal: AbortSignal,
): Promise<void> {
  const tell = (phase: FaultEvent['phase'], detail?: string) => {
    const { id, kind, target } = fault;
    const event = { type: 'fault', phase, atMs: Date.now(), id, kind, target } as const;
    options.write(detail === undefined ? event : { ...event, detail });
  };
  let release: () => void;
  try {
    await sleep(Math.max(0, startMs + fault.startMs - performance.now()), undefined, { signal });
    release = await options.locks.acquire(options.resources(fault), signal);
  } catch {
    // Only the signal ends the waiting.
    return tell('skipped');
  }
  try {
    tell('begin');
    const { undo, detail } = await options.inject(fault);
    await lasting(fault.durationMs, signal);
    await undo();
    tell('end', detail?.());
    options.onEnd(fault, Date.now());
  } catch (error) {
    tell('failed', error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    release();
  }
}

/** Ends early when the signal is aborted. */
async function lasting(durationMs: number, signal: AbortSignal): Promise<void> {
  await sleep(durationMs, undefined, { signal }).catch(() => {});
}
