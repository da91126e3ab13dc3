import type { CheckResult } from '../check/check-run.js';
import type { OrderDump } from '../check/database-dump.js';
import type { Violation } from '../check/violation.js';
import { FAULT_NAMES, type FaultName } from '../nemesis/fault-kinds.js';
import type { SettleTime } from '../observe/settle-clock.js';
import { median } from '../watch-run.js';

/** The figures of a run, as written to `report.json`. */
export interface ChaosReport {
  readonly seed: number;
  readonly minutes: number;
  /** The command that repeats this run. */
  readonly command: string;
  readonly pass: boolean;
  /** Why the run failed, one sentence each; empty when it passed. */
  readonly failures: readonly string[];
  /** The first violations of each invariant. */
  readonly violations: readonly Violation[];
  readonly violationsByInvariant: Readonly<Record<string, number>>;
  readonly orders: { readonly accepted: number; readonly confirmed: number; readonly rejected: number };
  /** By `<method> <code>`. */
  readonly calls: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  /** Faults that could not be injected, such as duplicates while nothing can be published. */
  readonly faultsFailed: number;
  readonly crashes: number;
  /** The most resident memory of each service over all its lives, in bytes; empty where it can't be measured. */
  readonly peakMemory: Readonly<Record<string, number>>;
  /** Messages that strangers published. */
  readonly strangers: number;
  /** Messages on the broker as an observer saw them, and transactions in them beyond the first of each tx_no. */
  readonly messages: number;
  readonly duplicatesDelivered: number;
  /** Publications beyond the first of each order. */
  readonly republications: number;
  readonly verdicts: { readonly transactions: number; readonly decided: number; readonly fenced: number };
  /** Milliseconds from the end of a fault until everything accepted before is settled. */
  readonly settleMs: { readonly median: number; readonly max: number; readonly measured: number };
}

/** What a report is made from. */
export interface ReportInput {
  readonly seed: number;
  readonly minutes: number;
  readonly faults: readonly FaultName[];
  readonly result: CheckResult;
  readonly orderDump: OrderDump;
  readonly settleTimes: readonly SettleTime[];
  /** Faults after which something stayed unsettled. */
  readonly neverSettled: number;
  /** Failures of the run itself, such as a consumer that didn't catch up. */
  readonly failures: readonly string[];
}

const SHOWN_OF_EACH = 10;

/** Creates the report. */
export function createReport(input: ReportInput): ChaosReport {
  const { seed, minutes, result, orderDump } = input;
  const { violations, facts } = result;
  const { counts } = facts;
  const failures = findFailures(input);
  const settleTimes = input.settleTimes.map(({ settleMs }) => settleMs);
  const withStatus = (wanted: string) => orderDump.orders.filter(({ status }) => status === wanted).length;
  return {
    seed,
    minutes,
    command: commandOf(input),
    pass: failures.length === 0,
    failures,
    violations: firstOfEach(violations),
    violationsByInvariant: countBy(violations, ({ invariant }) => invariant),
    orders: {
      accepted: orderDump.orders.length,
      confirmed: withStatus('CONFIRMED'),
      rejected: withStatus('REJECTED'),
    },
    calls: sorted(counts.calls),
    faults: sorted(counts.faults),
    faultsFailed: counts.faultsFailed,
    crashes: counts.crashes,
    peakMemory: sorted(new Map([...facts.memory].map(([name, { peakBytes }]) => [name, peakBytes]))),
    strangers: facts.strangers.length,
    messages: counts.messages,
    duplicatesDelivered: counts.duplicates,
    republications: orderDump.outbox.reduce((sum, { relayCount }) => sum + Math.max(0, relayCount - 1), 0),
    verdicts: {
      transactions: facts.verdicts.size,
      decided: counts.decidedVerdicts,
      fenced: orderDump.groups.filter(({ state }) => state === 'FENCED').length,
    },
    settleMs: {
      median: median(settleTimes) ?? 0,
      max: Math.max(0, ...settleTimes),
      measured: settleTimes.length,
    },
  };
}

function findFailures({ result, failures, neverSettled }: ReportInput): string[] {
  const { violations, gaps, defects, facts } = result;
  const byInvariant = Object.entries(countBy(violations, ({ invariant }) => invariant));
  const { crashes } = facts.counts;
  return [
    ...byInvariant.map(([invariant, count]) => `${invariant} is violated ${count} times`),
    ...gaps.map((gap) => `the run proves nothing: ${gap}`),
    ...defects,
    ...(crashes > 0 ? [`services ended by themselves ${crashes} times`] : []),
    ...(neverSettled > 0 ? [`orders from before the end of ${neverSettled} faults are not settled`] : []),
    ...failures,
  ];
}

function commandOf({ seed, minutes, faults }: ReportInput): string {
  const chosen = faults.length === FAULT_NAMES.length ? '' : ` --faults ${faults.join(',')}`;
  return `pnpm chaos --minutes ${minutes} --seed ${seed}${chosen}`;
}

function firstOfEach(violations: readonly Violation[]): Violation[] {
  const groups = Map.groupBy(violations, ({ invariant }) => invariant);
  return [...groups.values()].flatMap((group) => group.slice(0, SHOWN_OF_EACH));
}

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Record<string, number> {
  const groups = Map.groupBy(items, keyOf);
  return Object.fromEntries([...groups].map(([key, group]) => [key, group.length]));
}

function sorted(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a], [b]) => a.localeCompare(b)));
}
