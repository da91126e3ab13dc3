import type { BenchRun } from '../bench-run.js';
import { type BenchSystem, withConnection } from '../system/bench-stack.js';
import { seedOrderLog, seedStockLog } from '../system/seed.js';
import { startSeeded } from './growth.js';
import { measureOrders } from './measure-orders.js';
import { runRounds } from './run-rounds.js';

const CALLERS = 256;
const FEW_PRODUCTS = 10;

/**
 * Small tables against a large stock table and large message logs. Orders are spread over all products of the table.
 */
export async function runTables(run: BenchRun): Promise<void> {
  const { manyProducts, manyLogRows, cellMs } = run.plan;
  const systems: BenchSystem[] = [];
  const start = async (products: number) => {
    const system = await startSeeded(run, {}, products);
    systems.push(system);
    return system;
  };
  try {
    const small = await start(FEW_PRODUCTS);
    const largeStock = await start(manyProducts);
    const largeLogs = await start(FEW_PRODUCTS);
    run.say(`filling the message logs with ${manyLogRows} rows each`);
    await withConnection(largeLogs.orderDbUrl, (connection) => seedOrderLog(connection, manyLogRows));
    await withConnection(largeLogs.stockDbUrl, (connection) => seedStockLog(connection, manyLogRows));
    const cell = (name: string, target: BenchSystem, products: number) => ({
      name,
      measure: () =>
        measureOrders(run, target, { kind: 'unary', callers: CALLERS, products, durationMs: cellMs }),
    });
    const cells = [
      cell('small tables', small, FEW_PRODUCTS),
      cell('large stock table', largeStock, manyProducts),
      cell('large stock table, ten products', largeStock, FEW_PRODUCTS),
      cell('large logs', largeLogs, FEW_PRODUCTS),
    ];
    for (const { measure } of cells) await measure(); // warm
    await runRounds(run, 'tables', cells);
  } finally {
    for (const system of systems) await system.stop();
  }
}
