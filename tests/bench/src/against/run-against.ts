import { setTimeout as sleep } from 'node:timers/promises';
import { type Closers, createClosers } from '../closers.js';
import type { LimitJobs } from '../limits/jobs.js';
import { startJobProcess } from '../load/job-process.js';
import type { LoadJobs } from '../load/jobs.js';
import { type OtherLoad, watchOtherLoad } from '../proc/machine-load.js';
import { warmUp } from '../sections/warm-up.js';
import { startBenchStack } from '../system/bench-stack.js';
import { checkBooks } from '../system/check-books.js';
import type { Checkout } from './checkout.js';
import { type Comparison, compareRow } from './compare.js';
import { startHostedSystem } from './hosted-system.js';
import { type AgainstRun, measureRounds } from './measure-rounds.js';
import type { AgainstPlan } from './plan.js';
import { SIDES } from './sides.js';

/** What a comparison needs from outside. */
export interface AgainstOptions {
  readonly plan: AgainstPlan;
  readonly rows: readonly string[];
  readonly own: Checkout;
  readonly other: Checkout;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** What a comparison returns. */
export interface AgainstOutcome {
  readonly comparisons: readonly Comparison[];
  readonly disturbances: ReadonlyMap<string, OtherLoad>;
  readonly notes: readonly string[];
}

const IDLE_WATCH_MS = 2_000;

/** Starts a database server and a broker, three systems on them, measures, and stops everything it started. */
export async function runAgainst(options: AgainstOptions): Promise<AgainstOutcome> {
  const closers = createClosers();
  try {
    return await measureAll(options, closers);
  } finally {
    await closers.closeAll();
  }
}

async function measureAll(options: AgainstOptions, closers: Closers): Promise<AgainstOutcome> {
  const { say, signal } = options;
  const disturbances = new Map<string, OtherLoad>();
  const watch = watchOtherLoad();
  say('looking at what else the machine does');
  await sleep(IDLE_WATCH_MS);
  disturbances.set('before', watch.lap());
  const run = await prepare(options, closers, disturbances);
  const results = await measureRounds(run);
  signal.throwIfAborted();
  for (const side of SIDES) await checkBooks(run.systems[side]);
  say('the books of all three agree: every order confirmed, its stock taken once');
  const comparisons = [...results].flatMap(([row, rounds]) => compareRow(row, rounds));
  return { comparisons, disturbances, notes: run.notes };
}

async function prepare(
  { plan, rows, own, other, say, signal }: AgainstOptions,
  closers: Closers,
  disturbances: AgainstRun['disturbances'],
): Promise<AgainstRun> {
  say('starting database, broker and the services of three systems');
  const stack = closers.own(await startBenchStack());
  const start = async (dir: string) => closers.own(await startHostedSystem(dir, stack));
  const systems = {
    other: await start(other.dir),
    this: await start(own.dir),
    control: await start(other.dir),
  };
  const load = closers.own(startJobProcess<LoadJobs>(new URL('../load/main.js', import.meta.url)));
  const limits = closers.own(startJobProcess<LimitJobs>(new URL('../limits/main.js', import.meta.url)));
  say('warming up');
  const run = { plan, rows, systems, load, notes: [], disturbances, say, signal };
  const all = SIDES.map((side) => systems[side]);
  await warmUp({ ...run, stack, limits }, all, 1);
  return run;
}
