import type { BenchRun } from '../bench-run.js';
import type { BulkJob, LoadResult, UnaryJob } from '../load/jobs.js';
import { residentMib } from '../proc/process-memory.js';
import { readProcessStat } from '../proc/process-stat.js';
import { jitCpuUs } from '../proc/thread-cpu.js';
import type { Figures } from '../stats/round-results.js';
import { percentile } from '../stats/stats.js';
import { type BenchSystem, PROCESS_NAMES } from '../system/bench-stack.js';
import { countGroups, untilSettled } from '../system/settled.js';

/** The target of a load: its addresses, the pids whose CPU counts, and the database that shows its orders. */
export type LoadTarget = Pick<BenchSystem, 'addresses' | 'processes'> & {
  readonly system: Pick<BenchSystem['system'], 'orderDb'>;
};

/** What measuring a load needs from a run. */
export type LoadRun = Pick<BenchRun, 'load' | 'notes'>;

/** The part of the broker's CPU that its JVM spends on compiling. */
export const BROKER_JIT = 'of it JIT';

/** A job that takes this much longer than its own time has failed. */
const JOB_MARGIN_MS = 180_000;

/**
 * Puts a load on a system and waits until its last order is settled. Returns accepted and settled orders/s, the time of
 * a call, the mean size of a group, and the CPU of each process in microseconds per order, including the settlement.
 */
export async function measureOrders(
  run: LoadRun,
  target: LoadTarget,
  job: Omit<UnaryJob, 'addresses'> | Omit<BulkJob, 'addresses'>,
): Promise<Figures> {
  const placed = { ...job, addresses: target.addresses };
  return measureLoad(run, target, [run.load.pid], async () =>
    placed.kind === 'unary'
      ? run.load.run<'unary'>(placed, placed.durationMs + JOB_MARGIN_MS)
      : run.load.run<'bulk'>(placed, placed.durationMs + JOB_MARGIN_MS),
  );
}

/**
 * The same for any load.
 *
 * @param generators pids of the load's generator; empty when its CPU can't be counted
 */
export async function measureLoad(
  run: LoadRun,
  target: LoadTarget,
  generators: readonly number[],
  load: () => Promise<LoadResult>,
): Promise<Figures> {
  const { orderDb } = target.system;
  const groupsBefore = await countGroups(orderDb);
  const processes = new Map(target.processes);
  if (generators.length > 0) processes.set('load', generators);
  const before = cpuOf(processes);
  const start = performance.now();
  const result = await load();
  const memory = residentMemory(processes);
  await untilSettled(orderDb);
  const elapsedMs = performance.now() - start;
  const after = cpuOf(processes);
  const groups = (await countGroups(orderDb)) - groupsBefore;
  if (result.failed > 0)
    run.notes.push(`${result.failed} orders failed, the first with: ${result.firstError}`);
  return {
    ...callFigures(result),
    settled: (result.answered / elapsedMs) * 1_000,
    groupSize: result.answered / groups,
    ...cpuAnOrder(before, after, result.answered),
    ...memory,
  };
}

/** Resident memory of each process in MiB. */
export function residentMemory(processes: ReadonlyMap<string, readonly number[]>): Figures {
  return Object.fromEntries(
    [...processes].map(([name, pids]) => [
      `memory ${name}`,
      pids.reduce((sum, pid) => sum + (residentMib(pid) ?? 0), 0),
    ]),
  );
}

/** Answers per second, and the time of a call in milliseconds. */
export function callFigures({ answered, elapsedMs, latenciesMs }: LoadResult): Figures {
  return {
    accepted: (answered / elapsedMs) * 1_000,
    p50: percentile(latenciesMs, 0.5),
    p99: percentile(latenciesMs, 0.99),
  };
}

function cpuOf(processes: ReadonlyMap<string, readonly number[]>): ReadonlyMap<string, number> {
  const sum = (pids: readonly number[], cpuUs: (pid: number) => number) =>
    pids.reduce((us, pid) => us + cpuUs(pid), 0);
  const each = [...processes].map(
    ([name, pids]) => [name, sum(pids, (pid) => readProcessStat(pid)?.cpuUs ?? 0)] as const,
  );
  return new Map([...each, [BROKER_JIT, sum(processes.get('broker') ?? [], jitCpuUs)]]);
}

function cpuAnOrder(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  orders: number,
): Record<string, number> {
  const used = (name: string) => ((after.get(name) ?? 0) - (before.get(name) ?? 0)) / orders;
  const each = Object.fromEntries([...after.keys()].map((name) => [`cpu ${name}`, used(name)]));
  return { ...each, 'cpu all': PROCESS_NAMES.reduce((sum, name) => sum + used(name), 0) };
}
