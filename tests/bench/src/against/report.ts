import { cpus, release, totalmem } from 'node:os';
import { describeBusyness, isBusy } from '../report/busyness.js';
import { formatNumber } from '../report/format-table.js';
import type { RatioInterval } from '../stats/ratio-interval.js';
import type { Checkout } from './checkout.js';
import { type Comparison, LEVEL } from './compare.js';
import type { AgainstPlan } from './plan.js';
import type { AgainstOutcome } from './run-against.js';
import { verdictOf } from './verdict.js';

/** What a report compares. */
export interface Compared {
  readonly plan: AgainstPlan;
  readonly own: Checkout;
  readonly other: Checkout;
  readonly startTime: Date;
}

/** An interval wider than this, from end to end, can hide a change that matters. */
const MAX_WIDTH = 0.1;
/** Fewer rounds than these are only a look. */
const MIN_ROUNDS = 10;

const FIGURES: Readonly<Record<string, string>> = {
  settled: 'settled orders/s',
  'cpu all': 'CPU per order, µs',
  'submit p50': 'SubmitOrder p50, ms',
  'stock taken p50': 'submit → stock taken p50, ms',
  'settled p50': 'submit → settled p50, ms',
};

/** True when too little was measured for a verdict. */
function isLook({ rounds, name }: AgainstPlan): boolean {
  return rounds < MIN_ROUNDS || name === 'quick';
}

/** The report as Markdown. */
export function againstMarkdown(outcome: AgainstOutcome, { plan, own, other }: Compared): string {
  const { comparisons } = outcome;
  const verdict = verdictOf(comparisons);
  const told = verdict === 'level' ? verdict : verdict.toUpperCase();
  return [
    `## ${own.commit} against ${other.commit}: ${told}${isLook(plan) ? ' (a look only)' : ''}`,
    '',
    `${plan.rounds} rounds, ratios with their 95 % intervals. Control: a second instance of ${other.commit} against the first.`,
    '',
    ...mainTable(comparisons),
    '',
    'CPU per order by process, this / other (shown, not judged):',
    '',
    ...processTable(comparisons),
    '',
    ...remarks(outcome, plan).map((remark) => `- ${remark}`),
    '',
  ].join('\n');
}

function mainTable(comparisons: readonly Comparison[]): string[] {
  return table(
    ['row', 'figure', 'this', 'other', 'this / other', 'control / other', 'verdict'],
    comparisons
      .filter(({ figure }) => figure in FIGURES)
      .map(({ row, figure, this: own, other, ratio, control, level }) => [
        nameOf(row),
        FIGURES[figure] ?? figure,
        formatNumber(own),
        formatNumber(other),
        formatInterval(ratio),
        formatInterval(control),
        level === undefined ? 'shown only' : level ? 'level' : '**not level**',
      ]),
  );
}

function processTable(comparisons: readonly Comparison[]): string[] {
  const shown = comparisons.filter(({ figure }) => figure.startsWith('cpu ') && !(figure in FIGURES));
  const processes = [...new Set(shown.map(({ figure }) => figure))];
  const rows = [...new Set(shown.map(({ row }) => row))];
  const cell = (row: string, process: string) => {
    const found = shown.find((one) => one.row === row && one.figure === process);
    return found ? formatInterval(found.ratio) : '-';
  };
  return table(
    ['row', ...processes.map((process) => process.slice('cpu '.length))],
    rows.map((row) => [nameOf(row), ...processes.map((process) => cell(row, process))]),
  );
}

/** What the reader must know about the figures. */
function remarks({ comparisons, disturbances, notes }: AgainstOutcome, plan: AgainstPlan): string[] {
  const judged = comparisons.filter(({ level }) => level !== undefined);
  const wide = judged.filter(({ ratio }) => ratio.high - ratio.low > MAX_WIDTH);
  const unfit = judged.filter(({ controlLevel }) => controlLevel === false);
  const list = (found: readonly Comparison[]) =>
    found.map(({ row, figure }) => `${nameOf(row)} (${FIGURES[figure]})`).join(', ');
  return [
    `level: no interval lies wholly above ${LEVEL.maxCpu} in CPU or below ${LEVEL.minRate} in rate`,
    ...(unfit.length > 0
      ? [`THE CONTROL IS NOT LEVEL in ${list(unfit)}: two equal systems differed, so measure again`]
      : []),
    ...(wide.length > 0
      ? [`wide intervals, which can hide a change: ${list(wide)}; more rounds narrow them`]
      : []),
    ...(isLook(plan) ? [`a look only: a verdict takes ${MIN_ROUNDS} rounds of full cells`] : []),
    describeBusyness(disturbances),
    ...new Set(notes),
  ];
}

/** The report for programs. */
export function againstJson(outcome: AgainstOutcome, compared: Compared): object {
  const { plan, own, other, startTime } = compared;
  return {
    startTime: startTime.toISOString(),
    plan,
    this: own,
    other,
    machine: {
      cpus: cpus().length,
      model: cpus()[0]?.model ?? '',
      memoryMib: Math.round(totalmem() / 1024 ** 2),
      kernel: release(),
      node: process.version,
    },
    busy: isBusy(outcome.disturbances),
    disturbances: Object.fromEntries(outcome.disturbances),
    notes: outcome.notes,
    bounds: LEVEL,
    verdict: verdictOf(outcome.comparisons),
    look: isLook(plan),
    comparisons: outcome.comparisons,
  };
}

function nameOf(row: string): string {
  if (row === 'bulk') return 'bulk stream';
  return row === 'latency' ? 'one at a time' : `${row} caller${row === '1' ? '' : 's'}`;
}

function formatInterval({ ratio, low, high }: RatioInterval): string {
  return `${ratio.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
}
