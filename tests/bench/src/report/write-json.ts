import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { dirname } from 'node:path';
import type { BenchRun } from '../bench-run.js';
import type { Spread } from '../stats/stats.js';
import type { TargetResult } from '../targets.js';

/** What a run leaves behind for programs. */
export interface BenchReport {
  readonly startTime: string;
  readonly plan: BenchRun['plan'];
  readonly machine: {
    readonly cpus: number;
    readonly model: string;
    readonly memoryMib: number;
    readonly kernel: string;
    readonly node: string;
  };
  /** True when other processes used a noticeable part of the machine. */
  readonly busy: boolean;
  /** Cores that other processes used, by round. */
  readonly disturbances: Readonly<
    Record<string, { readonly otherCores: number; readonly stolenCores: number }>
  >;
  readonly notes: readonly string[];
  readonly targets: Readonly<Record<string, TargetResult>>;
  /** By cell and name. */
  readonly figures: Readonly<Record<string, Readonly<Record<string, Spread>>>>;
}

/** Gathers a run's report. */
export function createReport(
  run: Pick<BenchRun, 'plan' | 'results' | 'disturbances' | 'notes'>,
  targets: Readonly<Record<string, TargetResult>>,
  startTime: Date,
  busy: boolean,
): BenchReport {
  const { plan, results, disturbances, notes } = run;
  const cell = (name: string) =>
    Object.fromEntries(
      results.names(name).flatMap((figure) => {
        const spread = results.spread(name, figure);
        return spread ? [[figure, spread]] : [];
      }),
    );
  return {
    startTime: startTime.toISOString(),
    plan,
    machine: {
      cpus: cpus().length,
      model: cpus()[0]?.model ?? '',
      memoryMib: Math.round(totalmem() / 1024 ** 2),
      kernel: release(),
      node: process.version,
    },
    busy,
    disturbances: Object.fromEntries(disturbances),
    notes,
    targets,
    figures: Object.fromEntries(results.cells.map((name) => [name, cell(name)])),
  };
}

/** Writes the report. Creates the folder. */
export async function writeReport(path: string, report: object): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(report, null, 2)}\n`);
}
