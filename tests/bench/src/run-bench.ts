import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchRun } from './bench-run.js';
import { type Closers, createClosers } from './closers.js';
import type { LimitJobs } from './limits/jobs.js';
import { startEmptyServer } from './limits/start-empty-server.js';
import { startJobProcess } from './load/job-process.js';
import type { LoadJobs } from './load/jobs.js';
import type { Section } from './options.js';
import { type Plan, PRODUCTS } from './plan.js';
import { watchOtherLoad } from './proc/machine-load.js';
import { profileServices } from './profile/profile-services.js';
import { findGhz, ghzCells } from './sections/ghz.js';
import { runGrowth, startSeeded } from './sections/growth.js';
import { latencyCells } from './sections/latency.js';
import { limitCells } from './sections/limits.js';
import { measureOrders, residentMemory } from './sections/measure-orders.js';
import { runMemory } from './sections/memory.js';
import { runRounds, watched } from './sections/run-rounds.js';
import { runTables } from './sections/tables.js';
import { throughputCells } from './sections/throughput.js';
import { warmUp } from './sections/warm-up.js';
import { RoundResults } from './stats/round-results.js';
import { startBenchStack, withConnection } from './system/bench-stack.js';
import { checkBooks } from './system/check-books.js';
import { createOrderDatabase } from './system/order-database.js';
import { seedProducts } from './system/seed.js';

/** What a run needs from outside. */
export interface RunBenchOptions {
  readonly plan: Plan;
  readonly sections: ReadonlySet<Section>;
  readonly env: NodeJS.ProcessEnv;
  /** The folder for profiles. */
  readonly profileDir: string;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** What a run returns. */
export type BenchOutcome = Pick<BenchRun, 'plan' | 'results' | 'disturbances' | 'notes'> & {
  /** The tables of `--only profile`. */
  readonly profiles: string;
};

const SINGLES_ENV = {
  TXMSG_ORDER_MAX_GROUP_SIZE: '1',
  // As peers do: many orders at a time, each in its own transaction and message.
  TXMSG_ORDER_MAX_GROUPS_IN_FLIGHT: '32',
  TXMSG_ORDER_DB_CONNECTIONS: '40',
};
const IDLE_WATCH_MS = 2_000;

/** Starts its own stack, measures what is asked for, and stops everything it started. */
export async function runBench(options: RunBenchOptions): Promise<BenchOutcome> {
  const closers = createClosers();
  try {
    return await measureAll(options, closers);
  } finally {
    await closers.closeAll();
  }
}

async function measureAll(options: RunBenchOptions, closers: Closers): Promise<BenchOutcome> {
  const { plan, sections, say, signal } = options;
  const run = await prepare(options, closers);
  if (sections.has('load')) await runLoad(run, closers);
  if (sections.has('ghz')) await runGhzSection(run, options.env);
  if (sections.has('processes')) await runGrowth(run);
  if (sections.has('tables')) await runTables(run);
  if (sections.has('memory')) await watched(run, 'memory', () => runMemory(run));
  const profiles = sections.has('profile')
    ? await watched(run, 'profile', () => profileServices(run, options.profileDir))
    : '';
  signal.throwIfAborted();
  await checkBooks(run.main);
  say('the books agree: every order confirmed, its stock taken once');
  const { results, disturbances, notes } = run;
  return { plan, results, disturbances, notes, profiles };
}

async function prepare(options: RunBenchOptions, closers: Closers): Promise<BenchRun> {
  const { plan, say, signal } = options;
  const disturbances = new Map();
  say('looking at what else the machine does');
  const watch = watchOtherLoad();
  await sleep(IDLE_WATCH_MS);
  disturbances.set('before', watch.lap());
  say('starting database, broker and services');
  const stack = closers.own(await startBenchStack());
  const main = closers.own(await stack.startSystem());
  await withConnection(main.stockDbUrl, (connection) => seedProducts(connection, PRODUCTS));
  const load = closers.own(startJobProcess<LoadJobs>(new URL('./load/main.js', import.meta.url)));
  const limits = closers.own(startJobProcess<LimitJobs>(new URL('./limits/main.js', import.meta.url)));
  const empty = closers.own(await startEmptyServer());
  const results = new RoundResults();
  const run = { plan, stack, main, load, limits, empty, results, disturbances, notes: [], say, signal };
  results.add('at rest', residentMemory(main.processes));
  say('warming up');
  await warmUp(run, [main], PRODUCTS);
  return run;
}

/** The rows that are measured in the same rounds: orders, single orders, limits. */
async function runLoad(run: BenchRun, closers: Closers): Promise<void> {
  const { stack } = run;
  const singles = closers.own(await startSeeded(run, { env: SINGLES_ENV }, 1));
  const plainDbUrl = await createOrderDatabase(stack.database, `plain-${process.pid}`);
  const topic = `halves_${process.pid}`;
  await stack.broker.createTopic(topic, 'TRANSACTION');
  const cells = [
    ...throughputCells(run, singles),
    ...latencyCells(run, plainDbUrl),
    ...limitCells(run, plainDbUrl, topic),
  ];
  await measureOrders(run, singles, { kind: 'unary', callers: 64, products: 1, durationMs: run.plan.cellMs });
  await runRounds(run, 'load', cells);
  await singles.stop();
}

async function runGhzSection(run: BenchRun, env: NodeJS.ProcessEnv): Promise<void> {
  const ghz = findGhz(env);
  if (ghz) return runRounds(run, 'ghz', ghzCells(run, ghz));
  const note =
    'ghz is not installed (TXMSG_GHZ, PATH): the rows of the independent load generator are left out';
  run.notes.push(note);
  run.say(note);
}
