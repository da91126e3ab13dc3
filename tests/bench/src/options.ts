import { parseArgs } from 'node:util';
import { AGAINST_ROWS } from './against/plan.js';

/** Parts of a run, in their order. */
export const SECTIONS = ['load', 'ghz', 'processes', 'tables', 'memory', 'profile'] as const;
/** One part of a run. */
export type Section = (typeof SECTIONS)[number];

/** What the command line asks for. */
export interface BenchOptions {
  readonly quick: boolean;
  readonly chart: boolean;
  readonly help: boolean;
  readonly sections: ReadonlySet<Section>;
  /** A number of rounds that replaces the planned one. */
  readonly rounds: number | undefined;
  /** Another checkout to compare with, and the rows to compare. */
  readonly against: { readonly dir: string; readonly rows: readonly string[] } | undefined;
}

/** How the command is used. */
export const USAGE = `usage: npm run bench -- [options]
  --quick            a few minutes: fewer and shorter rounds, smaller tables
  --chart            also draw docs/images/bench.svg
  --only <sections>  some of ${SECTIONS.join(',')}
  --rounds <n>       rounds of each cell
profile runs only when it is named.

       npm run bench -- --against <dir> [options]
compares this checkout with another one that is installed and built: both in one run, in turn, with a second instance of
the other one as control. Takes about 22 minutes on two idle cores. Exits with 1 when a row is not level: when its 95 %
interval lies wholly above 1.03 in CPU or below 0.97 in rate. Writes bench-results/against.json.
  --rounds <n>       rounds, at least two; default 10; fewer give no verdict
  --only <rows>      some of ${AGAINST_ROWS.join(',')}
  --quick            three minutes, two rounds of short cells, to see that it runs`;

/**
 * Reads the command line.
 *
 * @throws TypeError when an option or a name is unknown
 */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    // npm passes on the `--` that separates its own options from ours.
    args: args.filter((arg) => arg !== '--'),
    options: {
      quick: { type: 'boolean', default: false },
      chart: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      only: { type: 'string' },
      rounds: { type: 'string' },
      against: { type: 'string' },
    },
  });
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  // An interval takes two rounds.
  const minRounds = values.against === undefined ? 1 : 2;
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds >= minRounds)) {
    throw new TypeError(`--rounds: not a number of rounds from ${minRounds} on: ${values.rounds}`);
  }
  const { quick, chart, help } = values;
  const common = { quick, chart, help, rounds };
  if (values.against === undefined) {
    const sections = new Set(choose(values.only, SECTIONS) ?? SECTIONS.filter((name) => name !== 'profile'));
    return { ...common, sections, against: undefined };
  }
  if (chart) throw new TypeError('--chart: a comparison draws no chart');
  const rows = choose(values.only, AGAINST_ROWS) ?? AGAINST_ROWS;
  return { ...common, sections: new Set(), against: { dir: values.against, rows } };
}

/** Those of the names that `only` lists, in the order of the names; undefined when nothing is chosen. */
function choose<T extends string>(only: string | undefined, names: readonly T[]): T[] | undefined {
  if (only === undefined) return undefined;
  const wanted = only.split(',');
  const unknown = wanted.filter((name) => !names.some((known) => known === name));
  if (unknown.length > 0) {
    throw new TypeError(`--only: ${unknown.join(', ')}: not among ${names.join(', ')}`);
  }
  return names.filter((name) => wanted.includes(name));
}
