import { localAddress } from '../parts/local-address.js';
import type { Part } from '../parts/part.js';
import type { StartOptions } from '../parts/part-spec.js';
import { aborted } from '../wait.js';
import { migrate } from './migrate.js';
import { seed, seededProducts } from './seed.js';
import { publicHost, stackAddresses } from './services.js';
import type { StackState } from './state.js';

/** Hears how the start goes on. */
export interface BringUpReport {
  /** A part that ran before was found, or one was started; with the time until it was ready. */
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
 * Starts every part that isn't running, each as soon as what it needs is ready, with the migrations and the seeding
 * between; returns when all are ready. Throws what the first failed step threw, and the signal's reason at once when it
 * is aborted, though what was under way (a download) may still go on.
 */
export async function bringUp(options: BringUpOptions): Promise<void> {
  const { signal } = options;
  const work = bringUpParts(options);
  if (signal === undefined) return work;
  await Promise.race([work, aborted(signal)]);
  signal.throwIfAborted();
}

async function bringUpParts(options: BringUpOptions): Promise<void> {
  const { parts, state, env, report } = options;
  const named = (...names: string[]): Part[] => parts.filter((part) => names.includes(part.spec.name));
  const ensure = async (some: readonly Part[]): Promise<void> => {
    await Promise.all(some.map((part) => ensurePart(part, options)));
  };
  const step = async (name: string, detail: string, work: () => Promise<void>): Promise<void> => {
    options.signal?.throwIfAborted();
    const start = performance.now();
    await work();
    report.stepDone(name, detail, performance.now() - start);
  };

  const down = (...names: string[]): boolean => named(...names).some((part) => !part.running);

  // Services that run have migrated databases and a stock.
  const migrating = down('order-svc', 'stock-svc');
  const seeding = down('stock-svc');
  const migrated = ensure(named('database')).then(async () => {
    if (migrating) await step('migrations', 'both databases', () => migrate(stackAddresses(state), env));
  });
  const broker = ensure(named('rocketmq', 'namesrv', 'broker', 'proxy'));
  const relay = broker.then(() => ensure(named('relay')));
  const order = Promise.all([migrated, broker]).then(() => ensure(named('order-svc')));
  const stock = Promise.all([migrated, broker]).then(() => ensure(named('stock-svc')));
  const seeded = stock.then(async () => {
    const address = localAddress(publicHost('stock-svc', env), state.ports.stockGrpc);
    if (seeding) await step('seed', `${seededProducts} products`, () => seed(address));
  });
  await Promise.all([migrated, broker, relay, order, stock, seeded]);
}

async function ensurePart(part: Part, { start, report, signal }: BringUpOptions): Promise<void> {
  signal?.throwIfAborted();
  const begin = performance.now();
  const found = part.running ? 'running' : 'started';
  if (found === 'started') await part.launch(start);
  await part.waitReady(signal);
  report.partReady(part, found, performance.now() - begin);
}
