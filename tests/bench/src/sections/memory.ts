import type { BenchRun } from '../bench-run.js';
import { type Inspector, openInspector } from '../profile/inspector.js';
import { measureOrders } from './measure-orders.js';
import { BULK } from './throughput.js';

const MAX_MS = 900_000;
const MIB = 1024 ** 2;

/** The heap of each service after a collection, before and after very many orders. */
export async function runMemory(run: BenchRun): Promise<void> {
  const { system } = run.main;
  const services = [...system.orders, ...system.relays, ...system.stocks];
  const inspectors = new Map<string, Inspector>();
  try {
    for (const service of services)
      inspectors.set(service.name.replace(/-\d+$/, ''), await openInspector(service));
    const before = await heaps(inspectors);
    const figures = await measureOrders(run, run.main, {
      kind: 'bulk',
      ...BULK,
      products: 1,
      durationMs: MAX_MS,
      maxOrders: run.plan.memoryOrders,
    });
    const after = await heaps(inspectors);
    for (const [name, heap] of after) {
      const earlier = before.get(name) ?? Number.NaN;
      run.results.add(`heap ${name}`, { before: earlier, after: heap, growth: heap / earlier - 1 });
    }
    run.results.add('memory orders', { orders: run.plan.memoryOrders, ...figures });
  } finally {
    for (const inspector of inspectors.values()) inspector.close();
  }
}

async function heaps(inspectors: ReadonlyMap<string, Inspector>): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for (const [name, inspector] of inspectors) {
    // The second collection takes what finalizers of the first have released.
    await inspector.call('HeapProfiler.collectGarbage');
    await inspector.call('HeapProfiler.collectGarbage');
    const { usedSize } = (await inspector.call('Runtime.getHeapUsage')) as { readonly usedSize: number };
    sizes.set(name, usedSize / MIB);
  }
  return sizes;
}
