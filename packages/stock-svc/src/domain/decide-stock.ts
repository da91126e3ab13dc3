import type { TakeStock } from '@txmsg/contracts/messages';
import type { ConsumerOutcome } from '@txmsg/contracts/results';

const APPLIED: ConsumerOutcome = { outcome: 'APPLIED', reason: '' };
const UNKNOWN_PRODUCT: ConsumerOutcome = { outcome: 'REJECTED', reason: 'UNKNOWN_PRODUCT' };
const INSUFFICIENT_STOCK: ConsumerOutcome = { outcome: 'REJECTED', reason: 'INSUFFICIENT_STOCK' };

/** A transaction that asks for stock. */
export interface StockRequest {
  readonly message: TakeStock;
}

/** What is decided about a group. */
export interface StockDecision {
  /** One for each transaction, in their order. */
  readonly decisions: readonly ConsumerOutcome[];
  /** Pieces to take by product, ascending, each more than 0. */
  readonly taken: ReadonlyMap<bigint, bigint>;
}

/** The products whose stock decides about the group, ascending, each once: the order in which they are locked. */
export function productsToLock(group: readonly StockRequest[]): bigint[] {
  const products = new Set<bigint>();
  for (const { message } of group) products.add(message.productId);
  return [...products].sort((a, b) => (a < b ? -1 : 1));
}

/**
 * Decides each transaction in the order of arrival: stock goes to whoever comes first and can be served whole.
 *
 * @param stock pieces left of each product of the group; a product that is missing doesn't exist
 */
export function decideStock(
  group: readonly StockRequest[],
  stock: ReadonlyMap<bigint, bigint>,
): StockDecision {
  const left = new Map(stock);
  const decisions = group.map(({ message }) => decide(message, left));
  return { decisions, taken: difference(stock, left) };
}

function decide({ productId, payCount }: TakeStock, left: Map<bigint, bigint>): ConsumerOutcome {
  const available = left.get(productId);
  if (available === undefined) return UNKNOWN_PRODUCT;
  const remaining = available - BigInt(payCount);
  if (remaining < 0n) return INSUFFICIENT_STOCK;
  left.set(productId, remaining);
  return APPLIED;
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

/** The most pieces of a product that can ever be added: what a BIGINT holds. */
const MAX_ADDED_TOTAL = 2n ** 63n - 1n;

/** Says whether `count` more pieces can be held beside those added so far. */
export function canAdd(addedTotal: bigint, count: bigint): boolean {
  return addedTotal + count <= MAX_ADDED_TOTAL;
}
