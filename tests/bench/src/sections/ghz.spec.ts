import { describe, expect, it } from 'vitest';
import { findGhz, readGhzReport } from './ghz.js';

describe('readGhzReport', () => {
  it('takes answered calls and their times in milliseconds', () => {
    const report = readGhzReport({
      count: 3,
      total: 2e9,
      errorDistribution: { 'rpc error: code = Unavailable': 1 },
      details: [
        { latency: 5e6, error: '' },
        { latency: 1e6, error: 'rpc error: code = Unavailable' },
        { latency: 2.5e6, error: '' },
      ],
    });
    expect(report).toEqual({
      answered: 2,
      failed: 1,
      firstError: 'rpc error: code = Unavailable',
      elapsedMs: 2_000,
      latenciesMs: Float64Array.of(5, 2.5),
    });
  });
});

describe('findGhz', () => {
  it('takes the one that is named', () => expect(findGhz({ TXMSG_GHZ: '/x/ghz', PATH: '' })).toBe('/x/ghz'));
  it('finds none where there is none', () => expect(findGhz({ PATH: '/nowhere:/else' })).toBeUndefined());
});
