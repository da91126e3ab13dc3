import { setTimeout as sleep } from 'node:timers/promises';
import type { System } from '@txmsg/testbed';

/** A process of the system that faults act on. */
export interface ManagedProcess {
  readonly name: string;
  kill(): Promise<void>;
  /** Starts the process and waits until it serves. */
  start(): Promise<void>;
  /** Sends SIGTERM and waits until the process is gone. */
  stop(): Promise<void>;
  pause(): void;
  resume(): void;
}

const START_DEADLINE_MS = 180_000;
const RETRY_MS = 500;

/** All processes of a system by their names. */
export function managedProcesses({
  orders,
  relays,
  stocks,
  broker,
  databases,
}: System): Map<string, ManagedProcess> {
  const all: ManagedProcess[] = [
    ...[...orders, ...relays, ...stocks].map((service) => bind(service.name, service)),
    ...[...broker.parts.values()].map((part) => bind(part.name, part)),
    ...[...databases].map(([name, database]) => bind(name, { ...database, stop: database.kill })),
  ];
  return new Map(all.map((process) => [process.name, process]));
}

function bind(name: string, process: Omit<ManagedProcess, 'name'>): ManagedProcess {
  return {
    name,
    kill: () => process.kill(),
    start: () => process.start(),
    stop: () => process.stop(),
    pause: () => process.pause(),
    resume: () => process.resume(),
  };
}

/**
 * Starts a process as a supervisor does: again when it ends at its start, because a server that it needs may be down. A
 * process that runs already, or isn't ready in time, is left running.
 */
export async function bringUp(process: Pick<ManagedProcess, 'name' | 'start'>): Promise<void> {
  const deadlineMs = performance.now() + START_DEADLINE_MS;
  for (;;) {
    try {
      return await process.start();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'ALREADY_RUNNING' || code === 'START_TIMEOUT') return;
      if (code !== 'PART_DIED' || performance.now() > deadlineMs) throw error;
      await sleep(RETRY_MS);
    }
  }
}
