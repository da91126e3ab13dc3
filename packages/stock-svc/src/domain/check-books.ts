/** What the tables say of one product, in pieces. */
export interface ProductBooks {
  readonly productId: bigint;
  readonly totalCount: bigint;
  readonly addedTotal: bigint;
  readonly takenTotal: bigint;
  /** Sum of the additions on record. */
  readonly addedLog: bigint;
  /** Sum of the applied transactions on record. */
  readonly takenLog: bigint;
}

/**
 * What doesn't add up in a product's books; empty when all is right.
 *
 * @param complete no transaction was ever forgotten, so those on record must sum up to what was taken
 */
export function checkBooks(books: ProductBooks, complete: boolean): string {
  const { totalCount, addedTotal, takenTotal, addedLog, takenLog } = books;
  const faults: string[] = [];
  if (totalCount < 0n) faults.push(`${totalCount} pieces are left`);
  if (totalCount !== addedTotal - takenTotal) {
    faults.push(`${totalCount} are left of ${addedTotal} added less ${takenTotal} taken`);
  }
  if (addedTotal !== addedLog) faults.push(`${addedTotal} added, but additions on record sum to ${addedLog}`);
  if (complete ? takenTotal !== takenLog : takenTotal < takenLog) {
    faults.push(`${takenTotal} taken, but applied transactions on record sum to ${takenLog}`);
  }
  return faults.join('; ');
}
