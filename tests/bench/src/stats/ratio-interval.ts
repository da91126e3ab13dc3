/** A ratio, and the interval that holds the true ratio in 95 of 100 runs. */
export interface RatioInterval {
  /** The geometric mean of the rounds' ratios. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  /** The ratio of each round. */
  readonly rounds: readonly number[];
}

/** Two-sided 95 % quantiles of Student's t for 1 to 30 degrees of freedom. */
const T_95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
] as const;

/**
 * Student's t on the logarithms of paired rounds. On the log scale a ratio and its inverse count alike. For ten rounds
 * t keeps its 95 %, where bootstrap percentiles are too narrow. Beyond 31 rounds the interval is a little too wide.
 *
 * @param pairs what both sides measured in each round, all above 0
 * @throws RangeError for fewer than two rounds, or a figure that isn't above 0
 */
export function ratioInterval(pairs: readonly (readonly [over: number, under: number])[]): RatioInterval {
  const df = pairs.length - 1;
  if (df < 1) throw new RangeError('an interval takes two rounds at least');
  const rounds = pairs.map(([over, under]) => over / under);
  const logs = rounds.map(Math.log);
  if (!logs.every(Number.isFinite)) throw new RangeError('every figure has to be above 0');
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / df;
  const t = T_95[Math.min(df, T_95.length) - 1] ?? Number.NaN;
  const half = t * Math.sqrt(variance / logs.length);
  return { ratio: Math.exp(mean), low: Math.exp(mean - half), high: Math.exp(mean + half), rounds };
}
