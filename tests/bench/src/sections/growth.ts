import type { BenchRun } from '../bench-run.js';
import { type BenchSystem, type BenchSystemOptions, withConnection } from '../system/bench-stack.js';
import { seedProducts } from '../system/seed.js';
import { measureOrders } from './measure-orders.js';
import { type Cell, runRounds } from './run-rounds.js';

const CALLERS = 256;
const MORE_PROCESSES = [2, 4] as const;

/**
 * One, two and four order-svc processes under the same load. On two cores this shows the cost of more processes, not
 * their gain.
 */
export async function runGrowth(run: BenchRun): Promise<void> {
  const systems: BenchSystem[] = [];
  try {
    for (const orders of MORE_PROCESSES) systems.push(await startSeeded(run, { orders }, 10));
    const cells = [run.main, ...systems].map((target) => ({
      name: `${target.addresses.length} order-svc`,
      measure: () =>
        measureOrders(run, target, {
          kind: 'unary',
          callers: CALLERS,
          products: 1,
          durationMs: run.plan.cellMs,
        }),
    }));
    for (const { measure } of cells) await measure(); // warm
    await runRounds(run, 'processes', cells satisfies Cell[]);
  } finally {
    for (const system of systems) await system.stop();
  }
}

/** A further system with its products. */
export async function startSeeded(
  run: BenchRun,
  options: BenchSystemOptions,
  products: number,
): Promise<BenchSystem> {
  const system = await run.stack.startSystem(options);
  try {
    await withConnection(system.stockDbUrl, (connection) => seedProducts(connection, products));
    return system;
  } catch (error) {
    await system.stop();
    throw error;
  }
}
