import { describe, expect, it } from 'vitest';
import type { Comparison } from './compare.js';
import { AGAINST } from './plan.js';
import { againstJson, againstMarkdown } from './report.js';

const interval = (ratio: number, half = 0.01) => ({
  ratio,
  low: ratio - half,
  high: ratio + half,
  rounds: [ratio, ratio],
});

const comparison = (changed: Partial<Comparison> = {}): Comparison => ({
  row: '64',
  figure: 'cpu all',
  this: 210,
  other: 200,
  ratio: interval(1.05),
  control: interval(1),
  level: false,
  controlLevel: true,
  ...changed,
});

const compared = {
  plan: AGAINST,
  own: { dir: '/a', commit: 'abc' },
  other: { dir: '/b', commit: 'def' },
  startTime: new Date(0),
};

const markdown = (...comparisons: Comparison[]) =>
  againstMarkdown({ comparisons, disturbances: new Map(), notes: [] }, compared);

describe('againstMarkdown', () => {
  it('gives every row its ratio, its interval, the control and a verdict', () => {
    const text = markdown(comparison(), comparison({ figure: 'settled', level: true }));
    expect(text).toContain('## abc against def: NOT LEVEL');
    expect(text).toContain(
      '| 64 callers | CPU per order, µs | 210 | 200 | 1.050 (1.040–1.060) | 1.000 (0.990–1.010) | **not level** |',
    );
    expect(text).toMatch(/settled orders\/s .* level \|/);
  });
  it('says that nothing was judged, and that few rounds are a look only', () => {
    expect(markdown()).toContain('## abc against def: NOTHING JUDGED\n');
    const outcome = { comparisons: [comparison({ level: true })], disturbances: new Map(), notes: [] };
    const text = againstMarkdown(outcome, { ...compared, plan: { ...AGAINST, rounds: 9 } });
    expect(text).toContain('## abc against def: level (a look only)\n');
    expect(againstMarkdown(outcome, compared)).toContain('## abc against def: level\n');
  });
  it('shows the CPU of each process', () => {
    const text = markdown(comparison({ figure: 'cpu relay', level: undefined, controlLevel: undefined }));
    expect(text).toContain('| row | relay |');
    expect(text).toContain('| 64 callers | 1.050 (1.040–1.060) |');
  });
  it('warns of a control that differs and of wide intervals', () => {
    expect(markdown(comparison({ controlLevel: false }))).toContain('THE CONTROL IS NOT LEVEL in 64 callers');
    expect(markdown(comparison({ ratio: interval(1, 0.2), level: true }))).toContain('wide intervals');
    expect(markdown(comparison())).not.toMatch(/CONTROL IS|wide/);
  });
});

it('has every figure of every round for programs', () => {
  const json = againstJson({ comparisons: [comparison()], disturbances: new Map(), notes: [] }, compared);
  expect(json).toMatchObject({
    verdict: 'not level',
    look: false,
    this: { commit: 'abc' },
    comparisons: [{ row: '64' }],
  });
});
