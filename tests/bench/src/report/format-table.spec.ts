import { describe, expect, it } from 'vitest';
import { formatNumber, formatSpread, formatTable } from './format-table.js';

it('lays out columns', () => {
  expect(formatTable([['a', 'b'], ['long', '1,000'], ['x']])).toBe('a         b\nlong  1,000\nx');
});

describe('formatNumber', () => {
  it('shows the digits that matter', () => {
    expect([0.4567, 12.34, 123.4, 12345.6].map(formatNumber)).toEqual(['0.46', '12.3', '123', '12,346']);
  });
  it('shows what is missing as a dash', () => {
    expect([undefined, Number.NaN].map(formatNumber)).toEqual(['-', '-']);
  });
});

it('shows a spread', () => {
  expect(formatSpread({ median: 2, min: 1, max: 30 })).toBe('2.00 (1.00–30.0)');
  expect(formatSpread(undefined)).toBe('-');
});
