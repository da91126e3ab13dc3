import type { Part } from '../parts/part.js';
import { databaseKey, type StackAddresses, stackAddresses } from './addresses.js';
import type { StackService, StackState } from './state.js';

/** What is known of a part at one moment. */
export interface PartStatus {
  readonly name: string;
  /** Null while it isn't running. */
  readonly pid: number | null;
  readonly ports: Readonly<Record<string, number>>;
  readonly log: string;
  readonly dataDir: string;
  /** True when it runs and answers. */
  readonly ready: boolean;
}

/** What runs where. */
export interface StackStatus extends StackAddresses {
  readonly parts: readonly PartStatus[];
  /** First calls to try. */
  readonly examples: readonly string[];
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
    examples: state.services.flatMap(exampleOf),
    foregroundPid: foregroundPid ?? null,
  };
}

/** The answer of `status --json`: the parts, the URL of each database under a key of its own, and the rest. */
export function statusJson(status: StackStatus): string {
  const { parts, databases, rocketmqEndpoints, namesrvAddr, foregroundPid } = status;
  const urls = databases.map((database) => [databaseKey(database), database.url]);
  const answer = { parts, ...Object.fromEntries(urls), rocketmqEndpoints, namesrvAddr, foregroundPid };
  return JSON.stringify(answer);
}

async function partStatus(part: Part): Promise<PartStatus> {
  const { name, ports, logFile, dataDir } = part.spec;
  return { name, pid: part.process?.pid ?? null, ports, log: logFile, dataDir, ready: await part.ready() };
}

function exampleOf({ descriptor: { example }, ports }: StackService): string[] {
  if (example === undefined) return [];
  const { request, port, method } = example;
  return [`grpcurl -plaintext -d '${request}' localhost:${ports[port]} ${method}`];
}
