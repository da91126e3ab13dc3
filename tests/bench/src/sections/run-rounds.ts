import type { BenchRun } from '../bench-run.js';
import { watchOtherLoad } from '../proc/machine-load.js';
import type { Figures } from '../stats/round-results.js';

/** Something that is measured once per round. */
export interface Cell {
  readonly name: string;
  readonly measure: () => Promise<Figures>;
}

/** Measures all cells in turn, round after round, so a disturbance of the machine affects them all. */
export async function runRounds(run: BenchRun, section: string, cells: readonly Cell[]): Promise<void> {
  const watch = watchOtherLoad();
  for (let round = 1; round <= run.plan.rounds; round += 1) {
    for (const { name, measure } of cells) {
      run.signal.throwIfAborted();
      const figures = await measure();
      run.results.add(name, figures);
      run.say(`${section} ${round}/${run.plan.rounds} ${name}: ${describe(figures)}`);
    }
    run.disturbances.set(`${section} ${round}`, watch.lap());
  }
}

/** Does something else, and records what other processes used meanwhile. */
export async function watched<T>(run: BenchRun, section: string, work: () => Promise<T>): Promise<T> {
  const watch = watchOtherLoad();
  const result = await work();
  run.disturbances.set(section, watch.lap());
  return result;
}

/** The figures that come first, for the progress lines. */
function describe(figures: Figures): string {
  return Object.entries(figures)
    .slice(0, 4)
    .map(([name, value]) => `${name} ${value < 100 ? value.toFixed(2) : Math.round(value)}`)
    .join(', ');
}
