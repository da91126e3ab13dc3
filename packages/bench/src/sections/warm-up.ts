import type { BenchRun } from '../bench-run.js';
import { PRODUCTS } from '../plan.js';
import { jitCpuUs } from '../proc/thread-cpu.js';
import { measureOrders } from './measure-orders.js';

const JOB_MARGIN_MS = 60_000;
const STEP_MS = 4_000;
/** Below this part of a core the broker's compiler has done most of its work. */
const MAX_JIT_CORES = 0.05;

/**
 * A broker that runs for hours has compiled what it runs; until then the compiler takes most of its CPU. So there are many
 * messages first, since it is messages that warm it, and then orders in small and large groups until its compiler rests,
 * for `warmupMs` at most.
 */
export async function warmUp(run: BenchRun): Promise<void> {
  const { plan, stack, say } = run;
  const start = performance.now();
  const topic = `warm_${process.pid}`;
  await stack.broker.createTopic(topic, 'TRANSACTION');
  const { endpoints } = stack.broker;
  const messages = { kind: 'half-messages', endpoints, topic, groupSize: 50, inFlight: 16 } as const;
  const durationMs = plan.warmupMs / 4;
  await run.limits.run<'half-messages'>({ ...messages, durationMs }, durationMs + JOB_MARGIN_MS);
  for (;;) {
    run.signal.throwIfAborted();
    const jitCores = await warmOnce(run);
    say(`warming up: the broker's compiler uses ${jitCores.toFixed(2)} cores`);
    if (jitCores < MAX_JIT_CORES) return;
    if (performance.now() - start > plan.warmupMs) {
      run.notes.push(
        `the broker's compiler still used ${jitCores.toFixed(2)} cores when the measuring began`,
      );
      return;
    }
  }
}

/** Places orders for a while; gives the cores that the broker's compiler used meanwhile. */
async function warmOnce(run: BenchRun): Promise<number> {
  const pids = run.main.processes.get('broker') ?? [];
  const jitUs = () => pids.reduce((sum, pid) => sum + jitCpuUs(pid), 0);
  const before = jitUs();
  const start = performance.now();
  for (const callers of [16, 256]) {
    await measureOrders(run, run.main, {
      kind: 'unary',
      callers,
      products: PRODUCTS,
      durationMs: STEP_MS / 2,
    });
  }
  return (jitUs() - before) / (performance.now() - start) / 1_000;
}
