/** What bounds a message that carries a group. */
export interface GroupLimits {
  /** Transactions at most. 1 keeps to the format of single messages. */
  readonly maxGroupSize: number;
  /** Sum of the lengths of the txNos with a separator each: they are the message's keys, which the broker bounds. */
  readonly maxKeyBytes: number;
}

/** How many of the first items fit into one group; at least one. */
export function groupLength(items: readonly { readonly txNo: string }[], limits: GroupLimits): number {
  let keyBytes = 0;
  let length = 0;
  for (const { txNo } of items) {
    keyBytes += txNo.length + 1;
    if (length > 0 && (length >= limits.maxGroupSize || keyBytes > limits.maxKeyBytes)) break;
    length += 1;
  }
  return length;
}

/** Cuts items into groups that keep within the limits, in order. */
export function splitGroups<T extends { readonly txNo: string }>(
  items: readonly T[],
  limits: GroupLimits,
): T[][] {
  const groups: T[][] = [];
  for (let start = 0; start < items.length; ) {
    const length = groupLength(items.slice(start, start + limits.maxGroupSize), limits);
    groups.push(items.slice(start, start + length));
    start += length;
  }
  return groups;
}
