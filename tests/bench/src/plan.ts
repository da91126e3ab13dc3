/** How much a run measures. Times are in milliseconds. */
export interface Plan {
  readonly name: 'full' | 'quick';
  /** How often each cell is measured, all cells in turn. */
  readonly rounds: number;
  /** The longest warm-up. It ends as soon as the broker has compiled what it runs. */
  readonly warmupMs: number;
  /** Duration of the load on the system, per cell. */
  readonly cellMs: number;
  /** Duration of the load on the empty method and on the limits, per cell. */
  readonly limitMs: number;
  /** Orders placed one at a time, per round. */
  readonly latencyOrders: number;
  /** Size of the large stock table. */
  readonly manyProducts: number;
  /** Size of the large message logs. */
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
/** The number of products in the rows with many products. */
export const PRODUCTS = 1_000;
