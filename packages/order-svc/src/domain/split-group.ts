/** What bounds a group. */
export interface GroupLimits {
  /** Transactions at most. 1 keeps to the format of single messages. */
  readonly maxGroupSize: number;
}

/** Cuts items into groups that keep within the limits, in order. */
export function splitGroups<T>(items: readonly T[], { maxGroupSize }: GroupLimits): T[][] {
  const groups: T[][] = [];
  for (let start = 0; start < items.length; start += maxGroupSize) {
    groups.push(items.slice(start, start + maxGroupSize));
  }
  return groups;
}
