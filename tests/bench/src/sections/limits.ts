import type { BenchRun } from '../bench-run.js';
import type { LimitResult } from '../limits/jobs.js';
import type { Figures } from '../stats/round-results.js';
import type { Cell } from './run-rounds.js';

/** The cells whose group sizes the limits use. */
const SIZED_BY = ['hot 64', 'hot 256', 'hot 1024', 'hot bulk'] as const;
/** Half messages in progress: one, as the order service's groups come, and enough to find the broker's own limit. */
const IN_FLIGHT = [1, 16] as const;
const JOB_MARGIN_MS = 60_000;

/** What the database and the broker can do by themselves, with groups as large as those of the same round. */
export function limitCells(run: BenchRun, plainDbUrl: string, topic: string): Cell[] {
  const { limitMs: durationMs } = run.plan;
  const plain = async (groupSize: number): Promise<Figures> => {
    const job = { kind: 'plain-groups', url: plainDbUrl, groupSize, durationMs } as const;
    return groupFigures(await run.limits.run<'plain-groups'>(job, durationMs + JOB_MARGIN_MS), groupSize);
  };
  const halves = async (groupSize: number, inFlight: number): Promise<Figures> => {
    const { endpoints } = run.stack.broker;
    const job = { kind: 'half-messages', endpoints, topic, groupSize, inFlight, durationMs } as const;
    return groupFigures(await run.limits.run<'half-messages'>(job, durationMs + JOB_MARGIN_MS), groupSize);
  };
  const sizeOf = (cell: string) =>
    Math.max(1, Math.round(run.results.spread(cell, 'groupSize')?.rounds.at(-1) ?? 1));
  return [
    ...SIZED_BY.map((cell) => ({ name: `mysql2 as ${cell}`, measure: () => plain(sizeOf(cell)) })),
    { name: 'mysql2 one by one', measure: () => plain(1) },
    ...IN_FLIGHT.flatMap((inFlight) => [
      { name: `half messages of one, ${inFlight} at once`, measure: () => halves(1, inFlight) },
      {
        name: `half messages as hot 1024, ${inFlight} at once`,
        measure: () => halves(sizeOf('hot 1024'), inFlight),
      },
    ]),
  ];
}

function groupFigures({ groups, elapsedMs, latenciesMs }: LimitResult, groupSize: number): Figures {
  const seconds = elapsedMs / 1_000;
  const sorted = latenciesMs.toSorted();
  return {
    orders: (groups * groupSize) / seconds,
    groups: groups / seconds,
    groupSize,
    p50: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN,
  };
}
