import { type NewOrder, type Order, sameContent } from './order.js';

/** What becomes of each order of a group that met an existing tx_no. */
export interface DuplicateResolution<T extends NewOrder> {
  /** Retries of orders that exist: answered with those. */
  readonly answered: readonly { readonly asked: T; readonly existing: Order }[];
  /** The tx_no exists with other content: refused. */
  readonly refused: readonly T[];
  /** Not found: tried again. */
  readonly remaining: readonly T[];
}

/** Splits a group by what the database holds under its txNos. */
export function resolveDuplicates<T extends NewOrder>(
  asked: readonly T[],
  existing: readonly Order[],
): DuplicateResolution<T> {
  const byTxNo = new Map(existing.map((order) => [order.txNo, order]));
  const answered: { asked: T; existing: Order }[] = [];
  const refused: T[] = [];
  const remaining: T[] = [];
  for (const order of asked) {
    const found = byTxNo.get(order.txNo);
    if (!found) remaining.push(order);
    else if (sameContent(order, found)) answered.push({ asked: order, existing: found });
    else refused.push(order);
  }
  return { answered, refused, remaining };
}
