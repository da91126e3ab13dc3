import type { Part } from '../parts/part.js';
import { type StackAddresses, stackAddresses } from './services.js';
import type { StackState } from './state.js';

/** What is known of a part at one moment. */
export interface PartStatus {
  readonly name: string;
  /** Null while it isn't running. */
  readonly pid: number | null;
  readonly ports: Readonly<Record<string, number>>;
  readonly log: string;
  readonly dataDir: string;
  /** It runs and answers. */
  readonly ready: boolean;
}

/** The answer of `status --json`. */
export interface StackStatus extends StackAddresses {
  readonly parts: readonly PartStatus[];
  /** Pid of the process that runs the stack in the foreground; null without one. */
  readonly foregroundPid: number | null;
}

/** Asks every part. */
export async function stackStatus(
  parts: readonly Part[],
  state: StackState,
  foregroundPid: number | undefined,
): Promise<StackStatus> {
  return {
    parts: await Promise.all(parts.map(partStatus)),
    ...stackAddresses(state),
    foregroundPid: foregroundPid ?? null,
  };
}

async function partStatus(part: Part): Promise<PartStatus> {
  const { name, ports, logFile, dataDir } = part.spec;
  return { name, pid: part.process?.pid ?? null, ports, log: logFile, dataDir, ready: await part.ready() };
}
