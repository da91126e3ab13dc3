import { describe, expect, it } from 'vitest';
import type { Comparison } from './compare.js';
import { EXIT_CODES, verdictOf } from './verdict.js';

const row = (level: boolean | undefined, controlLevel = level === undefined ? undefined : true) =>
  ({ level, controlLevel }) as Comparison;

describe('verdictOf', () => {
  it.each([
    ['level', 0, [row(true), row(undefined)]],
    ['not level', 1, [row(true), row(false)]],
    ['nothing judged', 2, []],
    ['nothing judged', 2, [row(undefined)]],
    ['undecided', 2, [row(true), row(true, false)]],
    ['undecided', 2, [row(true), row(false, false)]],
    ['not level', 1, [row(false), row(true, false)]],
  ] as const)('is %s, exit code %d', (verdict, exitCode, comparisons) => {
    expect(verdictOf(comparisons)).toBe(verdict);
    expect(EXIT_CODES[verdict]).toBe(exitCode);
  });
});
