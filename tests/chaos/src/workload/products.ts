import type { SeededRandom } from '../random/seeded-random.js';
import { ROUNDED_PRODUCT } from '../strangers/foreign-messages.js';
import { STRANGER_PRODUCT } from '../strangers/stranger-message.js';

/** Products of a kind, and how they are ordered. */
interface ProductKind {
  readonly ids: readonly number[];
  /** Stock of each product before the first order; 0: the product doesn't exist. */
  readonly stock: number;
  /** The most pieces per order. */
  readonly maxCount: number;
  /** Share of the orders. */
  readonly share: number;
}

const range = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i);

/** What is ordered: one product by everybody, many now and then, some that run out, and some that don't exist. */
export const PRODUCT_KINDS = {
  hot: { ids: [1], stock: 10_000_000, maxCount: 3, share: 0.45 },
  many: { ids: range(100, 300), stock: 100_000, maxCount: 5, share: 0.35 },
  scarce: { ids: range(11, 10), stock: 60, maxCount: 4, share: 0.15 },
  /** What strangers order, and what they must not get: see UNSAFE_PRODUCT. */
  strangers: { ids: [Number(STRANGER_PRODUCT)], stock: 1_000_000, maxCount: 1, share: 0 },
  rounded: { ids: [ROUNDED_PRODUCT], stock: 1_000, maxCount: 1, share: 0 },
  /** Missing at first; stock comes during the run. */
  late: { ids: range(700_001, 5), stock: 0, maxCount: 3, share: 0.02 },
  unknown: { ids: range(900_001, 5), stock: 0, maxCount: 3, share: 0.03 },
} as const satisfies Readonly<Record<string, ProductKind>>;

/** Products whose stock grows during the run. */
export const GROWING_PRODUCTS: readonly number[] = [...PRODUCT_KINDS.scarce.ids, ...PRODUCT_KINDS.late.ids];

/** The stock of each product before the first order. */
export function initialStock(): ReadonlyMap<number, number> {
  const kinds: readonly ProductKind[] = Object.values(PRODUCT_KINDS);
  return new Map(
    kinds.flatMap(({ ids, stock }) => (stock === 0 ? [] : ids.map((id) => [id, stock] as const))),
  );
}

/** Chooses what an order asks for. */
export function chooseContent(random: SeededRandom): {
  readonly productId: number;
  readonly payCount: number;
} {
  let left = random.next();
  let chosen: ProductKind = PRODUCT_KINDS.hot;
  for (const kind of Object.values(PRODUCT_KINDS)) {
    chosen = kind;
    left -= kind.share;
    if (left < 0) break;
  }
  return { productId: random.pick(chosen.ids), payCount: random.int(1, chosen.maxCount) };
}
