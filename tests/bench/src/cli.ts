import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compareCheckouts } from './against/compare-checkouts.js';
import { EXIT_CODES } from './against/verdict.js';
import { type BenchOptions, parseOptions, USAGE } from './options.js';
import { FULL, QUICK } from './plan.js';
import { benchCharts } from './report/bench-charts.js';
import { describeBusyness, isBusy } from './report/busyness.js';
import { drawCharts } from './report/chart.js';
import { printTables, reportTables } from './report/tables.js';
import { createReport, writeReport } from './report/write-json.js';
import { type BenchOutcome, runBench } from './run-bench.js';
import { evaluateTargets } from './targets.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const REPORT = join(ROOT, 'bench-results', 'latest.json');
const AGAINST_REPORT = join(ROOT, 'bench-results', 'against.json');
const PROFILES = join(ROOT, 'bench-results', 'profiles');
const CHART = join(ROOT, 'docs', 'images', 'bench.svg');

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
  process.exitCode = 1;
});
// The run is over, whatever a library still holds open.
process.exit();

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) return void process.stdout.write(`${USAGE}\n`);
  if (process.platform !== 'linux')
    throw new Error('the benchmark reads CPU times from /proc: it runs on Linux only');
  const startTime = new Date();
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort(new Error('interrupted')));
  process.once('SIGTERM', () => stop.abort(new Error('terminated')));
  const say = (line: string) => void process.stderr.write(`${secondsSince(startTime)} ${line}\n`);
  const common = { say, signal: stop.signal };
  if (options.against) {
    const place = { ownDir: ROOT, reportPath: AGAINST_REPORT, startTime };
    const verdict = await compareCheckouts({ ...options, ...options.against, ...place, ...common });
    process.exitCode = EXIT_CODES[verdict];
    return;
  }
  const outcome = await runBench({
    ...common,
    plan: planOf(options),
    sections: options.sections,
    env: process.env,
    profileDir: PROFILES,
  });
  await report(outcome, options, startTime);
}

function planOf({ quick, rounds }: BenchOptions) {
  const plan = quick ? QUICK : FULL;
  return rounds === undefined ? plan : { ...plan, rounds };
}

async function report(outcome: BenchOutcome, options: BenchOptions, startTime: Date): Promise<void> {
  const { results, disturbances, notes, plan } = outcome;
  const targets = evaluateTargets(results);
  const tables = printTables(reportTables(results, targets));
  const remarks = [
    ...new Set(notes),
    describeBusyness(disturbances),
    plan.name === 'quick'
      ? `short form: ${plan.manyProducts} products and ${plan.manyLogRows} log rows stand for the large tables, and the heaps are compared over ${plan.memoryOrders} orders`
      : '',
  ].filter((remark) => remark !== '');
  process.stdout.write(
    `\n${outcome.profiles}${tables}\n${remarks.map((remark) => `* ${remark}\n`).join('')}`,
  );
  await writeReport(REPORT, createReport(outcome, targets, startTime, isBusy(disturbances)));
  process.stdout.write(`* all figures: ${REPORT}\n`);
  if (!options.chart) return;
  await mkdir(dirname(CHART), { recursive: true });
  await writeFile(CHART, drawCharts(benchCharts(results)));
}

function secondsSince(start: Date): string {
  return `${((Date.now() - start.getTime()) / 1_000).toFixed(0).padStart(5)} s`;
}
