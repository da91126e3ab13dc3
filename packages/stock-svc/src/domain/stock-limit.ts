/** The most pieces of a product that can ever be added: what a BIGINT holds. */
const MAX_ADDED_TOTAL = 2n ** 63n - 1n;

/** Says whether `count` more pieces can be held beside those added so far. */
export function canAdd(addedTotal: bigint, count: bigint): boolean {
  return addedTotal + count <= MAX_ADDED_TOTAL;
}
