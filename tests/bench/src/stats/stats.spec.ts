import { describe, expect, it } from 'vitest';
import { median, percentile, spreadOf } from './stats.js';

describe('median', () => {
  it('is the middle value, whatever the order', () => expect(median([9, 1, 5])).toBe(5));
  it('is the mean of the two middle values of an even number', () =>
    expect(median([4, 1, 3, 100])).toBe(3.5));
  it('compares numbers, not their digits', () => expect(median([100, 20, 3])).toBe(20));
  it('is NaN for nothing', () => expect(median([])).toBeNaN());
});

describe('percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  it('takes the nearest rank', () => {
    expect(percentile(hundred, 0.5)).toBe(50);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile(hundred, 1)).toBe(100);
    expect(percentile(hundred, 0)).toBe(1);
  });
  it('leaves its input as it was', () => {
    const values = [3, 1, 2];
    percentile(values, 0.5);
    expect(values).toEqual([3, 1, 2]);
  });
  it('is NaN for nothing', () => expect(percentile([], 0.5)).toBeNaN());
});

describe('spreadOf', () => {
  it('tells the middle, the ends and the rounds', () => {
    expect(spreadOf([2, 9, 4])).toEqual({ median: 4, min: 2, max: 9, rounds: [2, 9, 4] });
  });
});
