import type { Comparison } from './compare.js';

/** The verdict on a change. `undecided` means that two equal systems differed, so the run must be repeated. */
export type Verdict = 'level' | 'not level' | 'undecided' | 'nothing judged';

/** For the shell: 2 is a run that tells nothing. */
export const EXIT_CODES: Readonly<Record<Verdict, number>> = {
  level: 0,
  'not level': 1,
  undecided: 2,
  'nothing judged': 2,
};

/** The verdict over all rows. A row counts as not level only when its own control is level. */
export function verdictOf(comparisons: readonly Comparison[]): Verdict {
  const judged = comparisons.filter(({ level }) => level !== undefined);
  if (judged.length === 0) return 'nothing judged';
  if (judged.some(({ level, controlLevel }) => !level && controlLevel)) return 'not level';
  return judged.every(({ controlLevel }) => controlLevel) ? 'level' : 'undecided';
}
