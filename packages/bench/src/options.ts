import { parseArgs } from 'node:util';

/** Parts of a run, in their order. */
export const SECTIONS = ['load', 'ghz', 'processes', 'tables', 'memory', 'profile'] as const;
/** One of them. */
export type Section = (typeof SECTIONS)[number];

/** What the command line asks for. */
export interface BenchOptions {
  readonly quick: boolean;
  readonly chart: boolean;
  readonly help: boolean;
  readonly sections: ReadonlySet<Section>;
  /** More or fewer rounds than planned. */
  readonly rounds: number | undefined;
}

/** How the command is used. */
export const USAGE = `usage: npm run bench -- [options]
  --quick            a few minutes: fewer and shorter rounds, smaller tables
  --chart            also draw docs/images/bench.svg
  --only <sections>  some of ${SECTIONS.join(',')}
  --rounds <n>       rounds of each cell
profile is run only when it is named.`;

/**
 * Reads the command line.
 *
 * @throws TypeError when it asks for what there isn't
 */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    // npm hands over the `--` that parts its own options from ours.
    args: args.filter((arg) => arg !== '--'),
    options: {
      quick: { type: 'boolean', default: false },
      chart: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      only: { type: 'string' },
      rounds: { type: 'string' },
    },
  });
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
    throw new TypeError(`--rounds: not a number of rounds: ${values.rounds}`);
  }
  const { quick, chart, help } = values;
  return { quick, chart, help, rounds, sections: parseSections(values.only) };
}

function parseSections(only: string | undefined): ReadonlySet<Section> {
  if (only === undefined) return new Set(SECTIONS.filter((section) => section !== 'profile'));
  const names = only.split(',');
  const unknown = names.filter((name) => !SECTIONS.some((section) => section === name));
  if (unknown.length > 0) throw new TypeError(`--only: no section is called ${unknown.join(', ')}`);
  return new Set(SECTIONS.filter((section) => names.includes(section)));
}
