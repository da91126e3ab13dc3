import { describe, expect, it } from 'vitest';
import { RoundResults } from './round-results.js';

function results(): RoundResults {
  const all = new RoundResults();
  for (const [ours, theirs] of [
    [10, 20],
    [30, 40],
    [100, 100],
  ] as const) {
    all.add('ours', { rate: ours });
    all.add('theirs', { rate: theirs });
  }
  return all;
}

describe('RoundResults', () => {
  it('gives the spread of a figure', () => {
    expect(results().spread('ours', 'rate')).toMatchObject({ median: 30, min: 10, max: 100 });
  });
  it('takes ratios round by round, not of the medians', () => {
    expect(results().ratio(['ours', 'rate'], ['theirs', 'rate'])?.rounds).toEqual([0.5, 0.75, 1]);
  });
  it('leaves out rounds that lack a figure', () => {
    const all = results();
    all.add('ours', { other: 1 });
    all.add('theirs', { rate: 50 });
    expect(all.ratio(['ours', 'rate'], ['theirs', 'rate'])?.rounds).toHaveLength(3);
    expect(all.names('ours')).toEqual(['rate', 'other']);
  });
  it('is undefined for what was not measured', () => {
    expect(results().spread('ours', 'nothing')).toBeUndefined();
    expect(results().ratio(['ours', 'rate'], ['nobody', 'rate'])).toBeUndefined();
  });
});
