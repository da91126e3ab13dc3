import { describe, expect, it } from 'vitest';
import { RoundResults } from './stats/round-results.js';
import { evaluateTargets, isMet, TARGETS } from './targets.js';

describe('isMet', () => {
  it('counts the bounds in', () => {
    expect(isMet({ atLeast: 5 }, 5)).toBe(true);
    expect(isMet({ atLeast: 5 }, 4.99)).toBe(false);
    expect(isMet({ atMost: 280 }, 280)).toBe(true);
    expect(isMet({ atMost: 280 }, 280.1)).toBe(false);
    expect(isMet({ between: [0.8, 1.25] }, 0.8)).toBe(true);
    expect(isMet({ between: [0.8, 1.25] }, 0.79)).toBe(false);
    expect(isMet({ between: [0.8, 1.25] }, 1.26)).toBe(false);
  });
  it('is not met by what is no number', () => expect(isMet({ atLeast: 0 }, Number.NaN)).toBe(false));
});

describe('evaluateTargets', () => {
  it('takes the median of the rounds', () => {
    const results = new RoundResults();
    for (const us of [100, 290, 270]) results.add('hot 256', { 'cpu all': us });
    expect(evaluateTargets(results)['CPU per order in µs, 256 callers']).toEqual({
      target: '<= 280',
      measured: 270,
      met: true,
      min: 100,
      max: 290,
    });
  });
  it('takes ratios of one round each', () => {
    const results = new RoundResults();
    results.add('hot 256', { settled: 40 });
    results.add('empty 256', { accepted: 100 });
    results.add('hot 256', { settled: 10 });
    results.add('empty 256', { accepted: 50 });
    const { 'end to end / empty method, 256 callers': target } = evaluateTargets(results);
    expect(target).toMatchObject({ measured: 0.30000000000000004, met: false, min: 0.2, max: 0.4 });
  });
  it('says of what was not measured that it is not met', () => {
    const evaluated = Object.values(evaluateTargets(new RoundResults()));
    expect(evaluated).toHaveLength(TARGETS.length);
    expect(evaluated.every(({ measured, met }) => measured === null && !met)).toBe(true);
  });
});
