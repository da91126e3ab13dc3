import { describe, expect, it } from 'vitest';
import { checkRun } from '../check/check-run.js';
import { FAULT_NAMES } from '../nemesis/fault-kinds.js';
import { goodRun, type RunFixture } from '../test-support/good-run.js';
import { createReport, type ReportInput } from './chaos-report.js';
import { formatReport } from './format-report.js';

function reportOf(run: RunFixture, over: Partial<ReportInput> = {}) {
  const result = checkRun(run.history, run.orderDump, run.stockDump);
  const settleTimes = [1_000, 3_000, 9_000].map((settleMs, faultId) => ({ faultId, settleMs }));
  const input = {
    seed: 7,
    minutes: 2,
    faults: FAULT_NAMES,
    result,
    orderDump: run.orderDump,
    settleTimes,
    neverSettled: 0,
    failures: [],
  };
  return createReport({ ...input, ...over });
}

describe('createReport', () => {
  it('passes a good run and counts what it did', () => {
    const report = reportOf(goodRun());
    expect(report).toMatchObject({
      pass: true,
      failures: [],
      orders: { accepted: 5, confirmed: 3, rejected: 2 },
      faults: { 'kill-relay': 1 },
      duplicatesDelivered: 2,
      republications: 5,
      verdicts: { transactions: 2, decided: 3, fenced: 1 },
      settleMs: { median: 3_000, max: 9_000, measured: 3 },
    });
    const text = formatReport(report);
    expect(text).toContain('PASS');
    expect(text).toMatch(/seed +7/);
    expect(text).toContain('3.0 s / 9.0 s');
    expect(text).toMatch(/peak resident memory: relay-0 +550 MB/);
  });

  it('fails a violated invariant and shows the evidence', () => {
    const run = goodRun();
    const [stock] = run.stockDump.stock;
    Object.assign(stock ?? {}, { totalCount: 89, takenTotal: 11 });
    const text = formatReport(reportOf(run));
    expect(text).toContain('I3 violated 1 times');
    expect(text).toContain('product 1: 11 taken, but 9 applied');
    expect(text).toContain('"takenTotal":11');
    expect(text).toContain('FAIL (again: pnpm chaos --minutes 2 --seed 7)');
  });

  it.each([
    ['no fault was injected', (run: RunFixture) => void run.history.splice(-2)],
    [
      'services ended by themselves 1 times',
      (run: RunFixture) => void run.history.push({ type: 'crash', atMs: 1, process: 'relay-0', detail: '' }),
    ],
  ])('fails when %s', (failure, breakRun) => {
    const run = goodRun();
    breakRun(run);
    const { pass, failures } = reportOf(run);
    expect(pass).toBe(false);
    expect(failures.join()).toContain(failure);
  });

  it('fails a service that had too much memory, and names the chosen kinds of faults', () => {
    const run = goodRun();
    run.history.push({ type: 'memory', atMs: 9, process: 'stock-svc-1', pid: 5, peakBytes: 1_160e6 });
    const report = reportOf(run, { faults: ['poison-size'] });
    expect(report.failures).toEqual([expect.stringMatching(/^stock-svc-1 \(pid 5\) had 1160 MB/)]);
    expect(formatReport(report)).toContain('again: pnpm chaos --minutes 2 --seed 7 --faults poison-size');
  });

  it('fails when the run itself failed, or something stayed unsettled', () => {
    expect(reportOf(goodRun(), { failures: ['lag'] })).toMatchObject({ pass: false, failures: ['lag'] });
    expect(reportOf(goodRun(), { neverSettled: 2 }).pass).toBe(false);
  });
});
