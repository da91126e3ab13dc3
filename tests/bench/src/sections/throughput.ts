import type { BenchRun } from '../bench-run.js';
import { CALLERS, PRODUCTS } from '../plan.js';
import type { BenchSystem } from '../system/bench-stack.js';
import { callFigures, measureOrders } from './measure-orders.js';
import type { Cell } from './run-rounds.js';

/**
 * Bulk load: the streams, the orders in progress per stream (enough to fill the next group), and the orders per
 * message.
 */
export const BULK = { streams: 2, window: 2_000, ordersAMessage: 250 } as const;
/** The number of callers at which groups of one are compared. */
export const SINGLES_CALLERS = 64;

/** Orders from N callers and over bulk streams, on one product and on many; the empty method from as many callers. */
export function throughputCells(run: BenchRun, singles: BenchSystem): Cell[] {
  const { cellMs } = run.plan;
  const unary = (callers: number, products: number, target = run.main) =>
    measureOrders(run, target, { kind: 'unary', callers, products, durationMs: cellMs });
  const bulk = (products: number, ordersAMessage: number = BULK.ordersAMessage) =>
    measureOrders(run, run.main, { kind: 'bulk', ...BULK, ordersAMessage, products, durationMs: cellMs });
  return [
    ...CALLERS.flatMap((callers) => [
      { name: `empty ${callers}`, measure: () => measureEmpty(run, callers) },
      { name: `hot ${callers}`, measure: () => unary(callers, 1) },
      { name: `many ${callers}`, measure: () => unary(callers, PRODUCTS) },
    ]),
    { name: 'hot bulk', measure: () => bulk(1) },
    { name: 'hot bulk ones', measure: () => bulk(1, 1) },
    { name: 'many bulk', measure: () => bulk(PRODUCTS) },
    { name: `singles ${SINGLES_CALLERS}`, measure: () => unary(SINGLES_CALLERS, 1, singles) },
  ];
}

async function measureEmpty(run: BenchRun, callers: number) {
  const { limitMs: durationMs } = run.plan;
  const addresses = [run.empty.address];
  const job = { kind: 'unary', addresses, callers, products: 1, durationMs } as const;
  return callFigures(await run.load.run<'unary'>(job, durationMs + 60_000));
}
