import { describe, expect, it } from 'vitest';
import { floorReachMs, maxFloorStepMs, nextFloor } from './next-floor.js';

const facts = {
  floorMs: 100,
  nowMs: 10_000,
  retentionMs: 1_000,
  maxStepMs: 50_000,
  oldestUnsettledMs: [9_900],
};

describe('nextFloor', () => {
  it('follows the retention time while everything younger is settled', () => {
    expect(nextFloor(facts)).toBe(9_000);
  });

  it('takes any number of participants', () => {
    const oldestUnsettledMs = Array.from({ length: 300_000 }, () => 9_900);
    expect(nextFloor({ ...facts, oldestUnsettledMs })).toBe(9_000);
  });

  it('stops at the oldest unsettled transaction of any participant', () => {
    expect(nextFloor({ ...facts, oldestUnsettledMs: [9_900, 300, 5_000] })).toBe(300);
  });

  it('never goes down', () => {
    expect(nextFloor({ ...facts, oldestUnsettledMs: [50] })).toBe(100);
    expect(nextFloor({ ...facts, nowMs: 500 })).toBe(100);
  });

  it('goes one step at a time, so that a clock that jumps does not take it along', () => {
    const jumped = { ...facts, nowMs: 9_000_000, maxStepMs: 60, oldestUnsettledMs: [8_000_000] };
    expect(nextFloor(jumped)).toBe(160);
    expect(nextFloor({ ...jumped, floorMs: 160 })).toBe(220);
    expect(nextFloor({ ...jumped, oldestUnsettledMs: [110] })).toBe(110);
  });

  it('goes to its place at once when it was never raised', () => {
    expect(nextFloor({ ...facts, floorMs: 0, maxStepMs: 60 })).toBe(9_000);
  });

  it('stays while no participant is known', () => {
    expect(nextFloor({ ...facts, oldestUnsettledMs: [] })).toBe(100);
  });
});

describe('floorReachMs', () => {
  it.each([
    [60_000, 5_000],
    [100, 20_000],
    [1_700, 5_000],
    [86_400_000, 2_000],
  ])(
    'is not passed by rounds every %i ms during a transaction of %i ms, whatever the clock does',
    (intervalMs, transactionMs) => {
      const begin = 1_000_000_000;
      const facts = {
        nowMs: Number.MAX_SAFE_INTEGER,
        retentionMs: 1_000,
        oldestUnsettledMs: [Number.MAX_SAFE_INTEGER],
      };
      let floorMs = begin;
      for (let at = 0; at <= transactionMs; at += intervalMs) {
        floorMs = nextFloor({ ...facts, floorMs, maxStepMs: maxFloorStepMs(intervalMs) });
      }
      expect(floorMs).toBeGreaterThan(begin);
      expect(floorMs).toBeLessThan(begin + floorReachMs(intervalMs, transactionMs));
    },
  );
});
