import { resolve } from 'node:path';
import { writeReport } from '../report/write-json.js';
import { openCheckout } from './checkout.js';
import { AGAINST, AGAINST_QUICK } from './plan.js';
import { againstJson, againstMarkdown } from './report.js';
import { runAgainst } from './run-against.js';
import { type Verdict, verdictOf } from './verdict.js';

/** What `--against` needs. */
export interface CompareCheckoutsOptions {
  readonly ownDir: string;
  /** The other checkout, relative to the folder in which npm was called. */
  readonly dir: string;
  readonly rows: readonly string[];
  readonly quick: boolean;
  readonly rounds: number | undefined;
  readonly reportPath: string;
  readonly startTime: Date;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Compares, prints a Markdown table and writes the report. Resolves to the verdict. */
export async function compareCheckouts(options: CompareCheckoutsOptions): Promise<Verdict> {
  const { rows, say, signal, startTime, reportPath } = options;
  const planned = options.quick ? AGAINST_QUICK : AGAINST;
  const plan = { ...planned, rounds: options.rounds ?? planned.rounds };
  const own = await openCheckout(options.ownDir);
  const other = await openCheckout(resolve(process.env.INIT_CWD ?? '.', options.dir));
  const outcome = await runAgainst({ plan, rows, own, other, say, signal });
  const compared = { plan, own, other, startTime };
  process.stdout.write(`\n${againstMarkdown(outcome, compared)}`);
  await writeReport(reportPath, againstJson(outcome, compared));
  process.stdout.write(`- all figures: ${reportPath}\n`);
  return verdictOf(outcome.comparisons);
}
