import type { OtherLoad } from '../proc/machine-load.js';

/** Cores that other processes may use. Beyond this the run's times can't be trusted. */
const MAX_OTHER_CORES = 0.1;

/** True when other processes used a noticeable part of the machine, before the run or on average during it. */
export function isBusy(disturbances: ReadonlyMap<string, OtherLoad>): boolean {
  const { worst, mean } = othersOf(disturbances);
  return mean > MAX_OTHER_CORES || worst > 4 * MAX_OTHER_CORES;
}

/** What other processes used meanwhile, for people. */
export function describeBusyness(disturbances: ReadonlyMap<string, OtherLoad>): string {
  const { worst, mean } = othersOf(disturbances);
  const used = `other processes used ${mean.toFixed(2)} cores on average and ${worst.toFixed(2)} in the worst round`;
  return isBusy(disturbances)
    ? `BUSY MACHINE: ${used}; rates are too low and times too long; CPU and ratios are more reliable`
    : `quiet machine: ${used}`;
}

function othersOf(disturbances: ReadonlyMap<string, OtherLoad>) {
  const others = [...disturbances.values()].map(({ otherCores, stolenCores }) => otherCores + stolenCores);
  return {
    worst: Math.max(0, ...others),
    mean: others.reduce((sum, cores) => sum + cores, 0) / (others.length || 1),
  };
}
