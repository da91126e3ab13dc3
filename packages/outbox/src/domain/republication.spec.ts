import { describe, expect, it } from 'vitest';
import { firstDelayMs, LagTracker, planClaim } from './republication.js';

const limits = { firstMs: 10_000, maxMs: 3_600_000 };
const row = (txNo: string, ageMs: number, relayCount = 1) => ({
  txNo,
  createTimeMs: 1_000_000 - ageMs,
  relayCount,
});
const names = (rows: readonly { txNo: string }[]) => rows.map(({ txNo }) => txNo);

describe('planClaim', () => {
  it('publishes what is older than the first delay when there is no lag', () => {
    const plan = planClaim(
      [row('a', 10_000), row('b', 9_999)],
      { nowMs: 1_000_000, lagMs: 0, probes: 0 },
      limits,
    );
    expect(names(plan.publish)).toEqual(['a']);
    expect(names(plan.postpone)).toEqual(['b']);
  });

  it('holds back what a backlog still delays, but for the probe', () => {
    const due = [row('a', 30_000), row('b', 30_000), row('old', 60_000)];
    const plan = planClaim(due, { nowMs: 1_000_000, lagMs: 30_000, probes: 1 }, limits);
    expect(names(plan.publish)).toEqual(['a', 'old']);
    expect(names(plan.postpone)).toEqual(['b']);
  });

  it('never holds back what was not published, nor what has backed off by itself', () => {
    const due = [row('never', 1, 0), row('third', 1, 3)];
    const plan = planClaim(due, { nowMs: 1_000_000, lagMs: 600_000, probes: 0 }, limits);
    expect(names(plan.publish)).toEqual(['never', 'third']);
  });
});

describe('LagTracker', () => {
  it('keeps the longest lag for one to two windows', () => {
    const lag = new LagTracker(100);
    lag.record(5_000, 1_000);
    lag.record(20, 1_050);
    expect(lag.lagMs(1_099)).toBe(5_000);
    expect(lag.lagMs(1_150)).toBe(5_000);
    lag.record(30, 1_160);
    expect(lag.lagMs(1_251)).toBe(30);
    expect(lag.lagMs(1_600)).toBe(0);
  });

  it('gives twice the lag, at least the first delay', () => {
    expect(firstDelayMs(0, limits)).toBe(10_000);
    expect(firstDelayMs(7_000, limits)).toBe(14_000);
  });
});
