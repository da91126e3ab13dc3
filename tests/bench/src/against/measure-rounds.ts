import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchRun } from '../bench-run.js';
import { type OtherLoad, watchOtherLoad } from '../proc/machine-load.js';
import { measureOrders } from '../sections/measure-orders.js';
import type { Figures } from '../stats/round-results.js';
import { percentile } from '../stats/stats.js';
import type { SideRounds } from './compare.js';
import type { HostedSystem } from './hosted-system.js';
import { type AgainstPlan, loadOf } from './plan.js';
import { SIDES, type Side, sidesInTurn } from './sides.js';

/** What measuring needs from a run. */
export type AgainstRun = Pick<BenchRun, 'load' | 'say' | 'signal'> & {
  readonly plan: AgainstPlan;
  readonly rows: readonly string[];
  readonly systems: Readonly<Record<Side, HostedSystem>>;
  readonly notes: string[];
  /** Cores that other processes used, by round. */
  readonly disturbances: Map<string, OtherLoad>;
};

/** After a cell its acks and page writes continue for a while; they count for no cell. */
const REST_MS = 150;
const LATENCY_MARGIN_MS = 60_000;

/** Measures every row on every side, round after round. First comes a short look at each that doesn't count. */
export async function measureRounds(run: AgainstRun): Promise<ReadonlyMap<string, SideRounds>> {
  const { plan, rows, say } = run;
  for (const row of rows)
    for (const side of SIDES) await measureCell(run, row, side, Math.ceil(plan.cellMs / 3));
  const results = new Map(rows.map((row) => [row, emptyRounds()]));
  const watch = watchOtherLoad();
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const [row, result] of results) {
      const cells = await measureInTurn(run, row, round);
      for (const side of SIDES) result[side].push(cells[side]);
      say(`round ${round + 1}/${plan.rounds}, ${row}: ${describe(cells)}`);
    }
    run.disturbances.set(`round ${round + 1}`, watch.lap());
  }
  return results;
}

const emptyRounds = (): Record<Side, (readonly Figures[])[]> => ({ this: [], other: [], control: [] });

async function measureInTurn(run: AgainstRun, row: string, round: number): Promise<Record<Side, Figures[]>> {
  const cells: Record<Side, Figures[]> = { this: [], other: [], control: [] };
  for (const side of sidesInTurn(round)) cells[side].push(await measureCell(run, row, side, run.plan.cellMs));
  return cells;
}

async function measureCell(run: AgainstRun, row: string, side: Side, durationMs: number): Promise<Figures> {
  run.signal.throwIfAborted();
  const system = run.systems[side];
  const notes: string[] = [];
  const figures =
    row === 'latency'
      ? await measureLatency(run, system)
      : await measureOrders({ load: run.load, notes }, system, loadOf(row, durationMs));
  run.notes.push(...notes.map((note) => `${row}, ${side}: ${note}`));
  await sleep(REST_MS);
  return figures;
}

/** Places orders one at a time with pauses, and follows each in both databases. */
async function measureLatency(
  { plan, load }: AgainstRun,
  { addresses: [address = ''], orderDbUrl, stockDbUrl }: HostedSystem,
): Promise<Figures> {
  const orders = plan.latencyOrders;
  const job = { kind: 'latency', address, orderDbUrl, stockDbUrl, orders } as const;
  const times = await load.run<'latency'>(job, LATENCY_MARGIN_MS + orders * 1_000);
  return {
    'submit p50': percentile(times.submitMs, 0.5),
    'stock taken p50': percentile(times.stockTakenMs, 0.5),
    'settled p50': percentile(times.settledMs, 0.5),
  };
}

/** The first figure of every cell, for the progress lines. */
function describe(cells: Readonly<Record<Side, readonly Figures[]>>): string {
  const first = (figures: Figures) => figures['cpu all'] ?? figures['submit p50'] ?? Number.NaN;
  const values = (side: Side) => cells[side].map((figures) => first(figures).toFixed(1)).join(' ');
  const unit = cells.this[0]?.['cpu all'] === undefined ? 'ms' : 'µs CPU per order';
  return `${SIDES.map((side) => `${side} ${values(side)}`).join(', ')} ${unit}`;
}
