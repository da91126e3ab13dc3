import type { BenchRun } from '../bench-run.js';
import { jitCpuUs } from '../proc/thread-cpu.js';
import { type LoadRun, type LoadTarget, measureOrders } from './measure-orders.js';

type WarmUpRun = LoadRun &
  Pick<BenchRun, 'limits' | 'say' | 'signal'> & {
    readonly plan: Pick<BenchRun['plan'], 'warmupMs'>;
    readonly stack: Pick<BenchRun['stack'], 'broker'>;
  };

const JOB_MARGIN_MS = 60_000;
const STEP_MS = 4_000;
/** Below this part of a core the broker's compiler has done most of its work. */
const MAX_JIT_CORES = 0.05;

/**
 * Warms the broker: one that has run for hours has compiled what it runs, and until then the compiler takes most of its
 * CPU. Messages do the warming, so many messages come first. Then come orders in small and large groups, on each of the
 * systems in turn, until the compiler rests, for at most `warmupMs`.
 *
 * @param products orders name the products 1 to this; every system has them
 */
export async function warmUp(
  run: WarmUpRun,
  systems: readonly LoadTarget[],
  products: number,
): Promise<void> {
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
    const jitCores = await warmOnce(run, systems, products);
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

/** Places orders for a while. Returns the cores that the broker's compiler used meanwhile. */
async function warmOnce(run: WarmUpRun, systems: readonly LoadTarget[], products: number): Promise<number> {
  const pids = [...run.stack.broker.parts.values()].flatMap(({ pid }) => pid ?? []);
  const jitUs = () => pids.reduce((sum, pid) => sum + jitCpuUs(pid), 0);
  const before = jitUs();
  const start = performance.now();
  for (const system of systems) {
    for (const callers of [16, 256]) {
      await measureOrders(run, system, {
        kind: 'unary',
        callers,
        products,
        durationMs: Math.ceil(STEP_MS / 2 / systems.length),
      });
    }
  }
  return (jitUs() - before) / (performance.now() - start) / 1_000;
}
