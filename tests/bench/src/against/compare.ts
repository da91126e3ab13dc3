import { type RatioInterval, ratioInterval } from '../stats/ratio-interval.js';
import type { Figures } from '../stats/round-results.js';
import { median } from '../stats/stats.js';
import { PROCESS_NAMES } from '../system/bench-stack.js';
import type { Side } from './sides.js';

/** What each side measured: its cells of every round, by row. */
export type SideRounds = Readonly<Record<Side, readonly (readonly Figures[])[]>>;

/** A change is level when no interval lies wholly beyond these bounds. */
export const LEVEL = { maxCpu: 1.03, minRate: 0.97 } as const;

/** One figure of a row, compared. */
export interface Comparison {
  readonly row: string;
  readonly figure: string;
  /** Medians over the rounds. */
  readonly this: number;
  readonly other: number;
  /** This checkout divided by the other one. */
  readonly ratio: RatioInterval;
  /** The second instance of the other checkout divided by the first: the resolution of the method. */
  readonly control: RatioInterval;
  /** Undefined for figures that are shown only. */
  readonly level: boolean | undefined;
  readonly controlLevel: boolean | undefined;
}

type Judge = (interval: RatioInterval) => boolean;

/** The figures that decide: settled orders/s, and CPU per order over all processes. */
const JUDGES: Readonly<Record<string, Judge>> = {
  settled: ({ high }) => high >= LEVEL.minRate,
  'cpu all': ({ low }) => low <= LEVEL.maxCpu,
};

/** Shown only: where CPU differs, and the times of a lone order. */
const SHOWN = [...PROCESS_NAMES.map((name) => `cpu ${name}`), 'submit p50', 'stock taken p50', 'settled p50'];

/**
 * Compares the figures of one row. Leaves out figures that were not measured, and shown-only figures that are 0 in a
 * round.
 *
 * @throws RangeError when a figure that decides is 0 in a round, or is missing in some cells only
 */
export function compareRow(row: string, rounds: SideRounds): Comparison[] {
  return [...Object.keys(JUDGES), ...SHOWN].flatMap((figure) => {
    const sideOf = (side: Side) => rounds[side].map((cells) => meanOf(cells, figure));
    const [own, other, control] = [sideOf('this'), sideOf('other'), sideOf('control')];
    const judge = JUDGES[figure];
    const all = [...own, ...other, ...control];
    if (judge && isMissingInSome(rounds, figure))
      throw new RangeError(`row ${row}: ${figure} is missing in some cells`);
    if (all.some(Number.isNaN) || (!judge && all.includes(0))) return [];
    const ratio = ratioInterval(zip(own, other));
    const controlRatio = ratioInterval(zip(control, other));
    return [
      {
        row,
        figure,
        this: median(own),
        other: median(other),
        ratio,
        control: controlRatio,
        level: judge?.(ratio),
        controlLevel: judge?.(controlRatio),
      },
    ];
  });
}

function isMissingInSome(rounds: SideRounds, figure: string): boolean {
  const cells = Object.values(rounds).flat(2);
  const missing = cells.filter((figures) => Number.isNaN(figures[figure] ?? Number.NaN));
  return missing.length > 0 && missing.length < cells.length;
}

/** The geometric mean of a side's cells in a round. */
function meanOf(cells: readonly Figures[], figure: string): number {
  const logs = cells.map((figures) => Math.log(figures[figure] ?? Number.NaN));
  return Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length);
}

function zip(over: readonly number[], under: readonly number[]): (readonly [number, number])[] {
  return over.map((value, round) => [value, under[round] ?? Number.NaN]);
}
