import { describe, expect, it } from 'vitest';
import { decideCheck } from './verdict.js';

const limits = { fenceMs: 30_000, retentionMs: 600_000 };

describe('decideCheck', () => {
  it.each([
    { state: 'LIVE', ageMs: 900_000, decision: 'COMMIT' },
    { state: 'FENCED', ageMs: 0, decision: 'ROLLBACK' },
    { state: undefined, ageMs: 29_999, decision: 'UNKNOWN' },
    { state: undefined, ageMs: 30_000, decision: 'FENCE' },
    { state: undefined, ageMs: 600_000, decision: 'FENCE' },
    { state: undefined, ageMs: 600_001, decision: 'ROLLBACK' },
    { state: undefined, ageMs: undefined, decision: 'UNKNOWN' },
  ] as const)('$state at age $ageMs: $decision', ({ state, ageMs, decision }) => {
    expect(decideCheck(state, ageMs, limits)).toBe(decision);
  });
});
