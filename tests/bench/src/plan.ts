/** How much a run measures. Times are in milliseconds. */
export interface Plan {
  readonly name: 'full' | 'quick';
  /** Each cell is measured this often, all cells in turn. */
  readonly rounds: number;
  /** At most; it ends when the broker has compiled what it runs. */
  readonly warmupMs: number;
  /** Load on the system, for each cell. */
  readonly cellMs: number;
  /** Load on the empty method and on the limits, for each cell. */
  readonly limitMs: number;
  /** Orders placed one at a time, for each round. */
  readonly latencyOrders: number;
  /** The large stock table. */
  readonly manyProducts: number;
  /** The large message logs. */
  readonly manyLogRows: number;
  /** Orders between the two looks at the heaps. */
  readonly memoryOrders: number;
}

/** The plan of a full run: about 20 minutes. */
export const FULL: Plan = {
  name: 'full',
  rounds: 5,
  warmupMs: 120_000,
  cellMs: 4_000,
  limitMs: 2_000,
  latencyOrders: 150,
  manyProducts: 1_000_000,
  manyLogRows: 10_000_000,
  memoryOrders: 1_000_000,
};

/** The plan of `--quick`: a few minutes, smaller tables, fewer orders. */
export const QUICK: Plan = {
  name: 'quick',
  rounds: 3,
  warmupMs: 40_000,
  cellMs: 1_500,
  limitMs: 1_000,
  latencyOrders: 40,
  manyProducts: 100_000,
  manyLogRows: 500_000,
  memoryOrders: 60_000,
};

/** Callers of the unary rows. */
export const CALLERS = [1, 16, 64, 256, 1_024] as const;
/** The many products that orders are spread over, beside the one hot product. */
export const PRODUCTS = 1_000;
