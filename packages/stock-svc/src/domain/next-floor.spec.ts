import { describe, expect, it } from 'vitest';
import { nextFloor } from './next-floor.js';

const facts = { floorMs: 100, nowMs: 10_000, retentionMs: 1_000, oldestUnsettledMs: [9_900] };

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

  it('stays while no participant is known', () => {
    expect(nextFloor({ ...facts, oldestUnsettledMs: [] })).toBe(100);
  });
});
