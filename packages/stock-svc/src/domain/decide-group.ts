import {
  mayBeSameParticipant,
  type RecordedTransaction,
  reasons,
  type Transaction,
  type Verdict,
} from './transaction.js';

/** What is done with one transaction of a group. */
export type Disposition =
  /** New: this group decides it. */
  | { readonly kind: 'decided'; readonly verdict: Verdict }
  /** On record with the same content. */
  | { readonly kind: 'duplicate'; readonly verdict: Verdict }
  /** On record with other content: the verdict on record stands. */
  | { readonly kind: 'mismatch'; readonly verdict: Verdict }
  /** On record for another participant: the verdict there says nothing about this transaction, which isn't applied. */
  | { readonly kind: 'other-participant'; readonly owner: string }
  /** Somebody else keeps a row that it needs locked: nothing was done, try again later. */
  | { readonly kind: 'blocked' }
  /** Older than what is remembered: not applied, and nothing is known of it. */
  | { readonly kind: 'below-floor' };

/** What the decision needs to know. */
export interface GroupFacts {
  /** Transactions on record among those of the group, by txNo. */
  readonly recorded: ReadonlyMap<string, RecordedTransaction>;
  /** Transactions created before this time are not applied; milliseconds since the epoch. */
  readonly floorMs: number;
  /** Pieces left of each product that `productsToLock` names; a product that is missing doesn't exist. */
  readonly stock: ReadonlyMap<bigint, bigint>;
  /** Who published each transaction, in their order; blank or missing when that isn't known. */
  readonly participants?: readonly string[];
}

/** What a group changes, and what is said of each of its transactions. */
export interface GroupDecision {
  /** One for each transaction, in their order. */
  readonly dispositions: readonly Disposition[];
  /** New records, each txNo once. */
  readonly records: readonly RecordedTransaction[];
  /** Pieces to take by product, ascending, each more than 0. */
  readonly taken: ReadonlyMap<bigint, bigint>;
}

/** The products whose stock decides about the group, ascending, each once: the order in which they are locked. */
export function productsToLock(
  transactions: readonly Transaction[],
  { recorded, floorMs }: Pick<GroupFacts, 'recorded' | 'floorMs'>,
): bigint[] {
  const products = new Set<bigint>();
  for (const { txNo, productId, createTimeMs } of transactions) {
    if (createTimeMs >= floorMs && !recorded.has(txNo)) products.add(productId);
  }
  return [...products].sort((a, b) => (a < b ? -1 : 1));
}

/** Decides each transaction in the order of arrival: stock goes to whoever comes first and can be served whole. */
export function decideGroup(transactions: readonly Transaction[], facts: GroupFacts): GroupDecision {
  const left = new Map(facts.stock);
  const known = new Map(facts.recorded);
  const records: RecordedTransaction[] = [];
  const dispositions = transactions.map((transaction, index): Disposition => {
    const participant = facts.participants?.[index] ?? '';
    const record = known.get(transaction.txNo);
    if (record) return compare(transaction, participant, record);
    if (transaction.createTimeMs < facts.floorMs) return { kind: 'below-floor' };
    const verdict = decide(transaction, left);
    const fresh = { ...transaction, ...verdict, participant };
    known.set(transaction.txNo, fresh);
    records.push(fresh);
    return { kind: 'decided', verdict };
  });
  return { dispositions, records, taken: difference(facts.stock, left) };
}

function compare(
  transaction: Transaction,
  participant: string,
  { outcome, reason, productId, payCount, participant: owner }: RecordedTransaction,
): Disposition {
  if (!mayBeSameParticipant(participant, owner)) return { kind: 'other-participant', owner };
  const verdict = { outcome, reason };
  // What a person gave up was perhaps unreadable, so its record doesn't tell the content.
  const same = transaction.productId === productId && transaction.payCount === payCount;
  return { kind: same || reason === reasons.dropped ? 'duplicate' : 'mismatch', verdict };
}

function decide({ productId, payCount }: Transaction, left: Map<bigint, bigint>): Verdict {
  const available = left.get(productId);
  if (available === undefined) return { outcome: 'REJECTED', reason: reasons.unknownProduct };
  const remaining = available - BigInt(payCount);
  if (remaining < 0n) return { outcome: 'REJECTED', reason: reasons.insufficientStock };
  left.set(productId, remaining);
  return { outcome: 'APPLIED', reason: '' };
}

function difference(
  before: ReadonlyMap<bigint, bigint>,
  after: ReadonlyMap<bigint, bigint>,
): Map<bigint, bigint> {
  const taken = new Map<bigint, bigint>();
  for (const [productId, count] of before) {
    const remaining = after.get(productId) ?? count;
    if (remaining < count) taken.set(productId, count - remaining);
  }
  return taken;
}
