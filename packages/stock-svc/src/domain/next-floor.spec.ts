import { describe, expect, it } from 'vitest';
import { nextFloor } from './next-floor.js';

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
