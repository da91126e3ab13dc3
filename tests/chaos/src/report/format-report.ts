import { INVARIANTS, type Invariant } from '../check/violation.js';
import type { ChaosReport } from './chaos-report.js';

/** The report for people: a table of figures, the violations with their evidence, and the verdict. */
export function formatReport(report: ChaosReport): string {
  const rows: (readonly [string, string])[] = [
    ['orders accepted / confirmed / rejected', slashed(Object.values(report.orders))],
    ...Object.entries(report.calls).map(([call, count]) => [`calls: ${call}`, grouped(count)] as const),
    ['faults injected', grouped(sum(Object.values(report.faults)))],
    ...Object.entries(report.faults).map(([kind, count]) => [`faults: ${kind}`, grouped(count)] as const),
    ['faults that could not be injected', grouped(report.faultsFailed)],
    ['messages seen on the broker', grouped(report.messages)],
    ['duplicates delivered (transactions)', grouped(report.duplicatesDelivered)],
    ['re-publications (transactions)', grouped(report.republications)],
    ['transactions asked for their verdict / answers / fenced', slashed(Object.values(report.verdicts))],
    ['time to settle after a fault, median / max', settleTime(report)],
    ['messages of strangers', grouped(report.strangers)],
    ...Object.entries(report.peakMemory).map(
      ([name, bytes]) => [`peak resident memory: ${name}`, `${(bytes / 1e6).toFixed(0)} MB`] as const,
    ),
    ['services that ended by themselves', grouped(report.crashes)],
    ['minutes', String(report.minutes)],
    ['seed', String(report.seed)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const table = rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
  return [...table, '', ...violationLines(report), ...verdictLines(report)].join('\n');
}

function violationLines({ violations, violationsByInvariant }: ChaosReport): string[] {
  const lines: string[] = [];
  for (const [invariant, count] of Object.entries(violationsByInvariant)) {
    lines.push(`${invariant} violated ${count} times: ${INVARIANTS[invariant as Invariant]}`);
    for (const { message, evidence } of violations.filter((violation) => violation.invariant === invariant)) {
      lines.push(`  ${message}`, `    ${JSON.stringify(evidence)}`);
    }
  }
  return lines.length === 0 ? ['I1 to I8 hold.'] : lines;
}

function verdictLines({ pass, failures, command }: ChaosReport): string[] {
  if (pass) return ['PASS'];
  return [...failures.map((failure) => `- ${failure}`), `FAIL (again: ${command})`];
}

function settleTime({ settleMs: { median, max, measured } }: ChaosReport): string {
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
  return `${seconds(median)} / ${seconds(max)} (${measured} faults)`;
}

function slashed(values: readonly number[]): string {
  return values.map(grouped).join(' / ');
}

function grouped(value: number): string {
  return value.toLocaleString('en-US');
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
