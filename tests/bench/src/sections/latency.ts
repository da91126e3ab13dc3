import type { BenchRun } from '../bench-run.js';
import { percentile } from '../stats/stats.js';
import type { Cell } from './run-rounds.js';

const ORDER_TIMEOUT_MS = 30_000;

/**
 * Places orders one at a time and follows each in both databases. Between orders come the plain local transaction and a
 * call of the empty method.
 *
 * @param plainDbUrl a database with the order service's tables
 */
export function latencyCells(run: BenchRun, plainDbUrl: string): Cell[] {
  const { main, plan } = run;
  const job = {
    kind: 'latency',
    address: main.addresses[0] ?? '',
    emptyAddress: run.empty.address,
    orderDbUrl: main.orderDbUrl,
    stockDbUrl: main.stockDbUrl,
    plainDbUrl,
    orders: plan.latencyOrders,
  } as const;
  const measure = async () => {
    const times = await run.load.run<'latency'>(job, ORDER_TIMEOUT_MS + plan.latencyOrders * 1_000);
    const both = (name: string, values: Float64Array) => ({
      [`${name} p50`]: percentile(values, 0.5),
      [`${name} p99`]: percentile(values, 0.99),
    });
    return {
      ...both('stock taken', times.stockTakenMs),
      ...both('submit', times.submitMs),
      ...both('settled', times.settledMs),
      ...both('plain transaction', times.plainTransactionMs),
      ...both('empty', times.emptyMs),
    };
  };
  return [{ name: 'one at a time', measure }];
}
