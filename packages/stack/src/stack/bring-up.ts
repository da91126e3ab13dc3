import type { Part } from '../parts/part.js';
import type { StartOptions } from '../parts/part-spec.js';
import { aborted } from '../wait.js';
import { stackAddresses } from './addresses.js';
import { allDatabases, migrate } from './migrate.js';
import { seed } from './seed.js';
import type { StackState } from './state.js';

/** Hears of the start's progress. */
export interface BringUpReport {
  /** A part is ready, found running or newly started, with the time that it took. */
  partReady(part: Part, found: 'running' | 'started', ms: number): void;
  stepDone(name: string, detail: string, ms: number): void;
}

/** What is brought up, and how. */
export interface BringUpOptions {
  readonly parts: readonly Part[];
  readonly state: StackState;
  readonly env: NodeJS.ProcessEnv;
  readonly start: StartOptions;
  readonly report: BringUpReport;
  readonly signal?: AbortSignal;
}

/**
 * Starts every part that isn't running, each as soon as what it needs is ready, with the migrations and the seeding in
 * between. Returns when all are ready.
 *
 * Throws what the first failed step threw. At an abort throws the signal's reason at once; a download in progress may
 * still continue.
 */
export async function bringUp(options: BringUpOptions): Promise<void> {
  const { signal } = options;
  const work = bringUpParts(options);
  if (signal === undefined) return work;
  await Promise.race([work, aborted(signal)]);
  signal.throwIfAborted();
}

async function bringUpParts(options: BringUpOptions): Promise<void> {
  const { parts, state, env } = options;
  const named = (...names: string[]): Part[] => parts.filter((part) => names.includes(part.spec.name));
  const ensure = async (...names: string[]): Promise<void> => {
    await Promise.all(named(...names).map((part) => ensurePart(part, options)));
  };
  // Services that run have migrated databases and their first data.
  const down = state.services.filter(({ descriptor }) =>
    named(descriptor.name).some((part) => !part.running),
  );
  const { databases } = stackAddresses(state);
  const migrating = down.some(({ descriptor }) => descriptor.migrate !== undefined);

  const migrated = ensure('database').then(async () => {
    const descriptors = state.services.map(({ descriptor }) => descriptor);
    const work = (): Promise<void> => migrate(descriptors, databases, env);
    if (migrating) await step('migrations', allDatabases(databases), work, options);
  });
  const broker = ensure('rocketmq', 'namesrv', 'broker', 'proxy');
  const services = state.services.map(async (service) => {
    const { name, migrate: program, seed: first } = service.descriptor;
    await Promise.all([broker, ...(program === undefined ? [] : [migrated])]);
    await ensure(name);
    if (first !== undefined && down.includes(service))
      await step('seed', first.detail, () => seed(service, state, env), options);
  });
  await Promise.all([migrated, broker, ...services]);
}

async function step(
  name: string,
  detail: string,
  work: () => Promise<void>,
  { report, signal }: BringUpOptions,
): Promise<void> {
  signal?.throwIfAborted();
  const start = performance.now();
  await work();
  report.stepDone(name, detail, performance.now() - start);
}

async function ensurePart(part: Part, { start, report, signal }: BringUpOptions): Promise<void> {
  signal?.throwIfAborted();
  const begin = performance.now();
  const found = part.running ? 'running' : 'started';
  if (found === 'started') await part.launch(start);
  await part.waitReady(signal);
  report.partReady(part, found, performance.now() - begin);
}
