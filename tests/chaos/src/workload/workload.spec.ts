import { expect, it } from 'vitest';
import type { HistoryEvent } from '../history/history-event.js';
import { createSeededRandom } from '../random/seeded-random.js';
import type { CallResult, OrderCaller } from './order-caller.js';
import type { PlannedOrder } from './plan-operations.js';
import { createWorkload } from './workload.js';

const fast = { rate: 1_000, adjust() {}, next: () => new Promise<void>((resolve) => setImmediate(resolve)) };

/** Answers UNAVAILABLE as long as `down` says so. */
function startWorkload(down: () => boolean) {
  const asked: PlannedOrder[] = [];
  const events: HistoryEvent[] = [];
  const answer = (order: PlannedOrder): CallResult => {
    asked.push(order);
    return { code: down() ? 'UNAVAILABLE' : 'OK', message: '', latencyMs: 1 };
  };
  const caller: OrderCaller = {
    submit: async (order) => answer(order),
    submitBulk: async (orders) => orders.map(answer),
    read: async () => {},
  };
  const additions: string[] = [];
  const workload = createWorkload({
    callers: [caller, caller],
    addStock: async ({ requestId }) => additions.push(requestId),
    random: createSeededRandom(1),
    prefix: 'w',
    pacer: fast,
    write: (event) => void events.push(event),
  });
  return { workload, asked, additions, events };
}

it('submits until it is stopped and adds stock now and then', async () => {
  const { workload, asked, additions } = startWorkload(() => false);
  await workload.run(AbortSignal.timeout(300));
  expect(asked.length).toBeGreaterThan(200);
  expect(additions.length).toBeGreaterThan(0);
  expect(workload.takeLatencies().length).toBeGreaterThan(100);
  expect(workload.takeLatencies()).toEqual([]);
});

it('asks again for what failed, until there is an answer', async () => {
  let calls = 0;
  const { workload, asked, events } = startWorkload(() => ++calls < 60);
  await workload.burst(20);
  await workload.finish(5_000);
  const txNos = new Set(asked.map(({ txNo }) => txNo));
  expect(txNos.size).toBe(20);
  expect(asked.length).toBeGreaterThan(60);
  expect(events).toEqual([]);
});

it('writes down what it had to give up', async () => {
  const { workload, events } = startWorkload(() => true);
  await workload.burst(3);
  await workload.finish(100);
  expect(events.map(({ type }) => type)).toEqual(['gave-up', 'gave-up', 'gave-up']);
});

it('asks again for accepted orders at every replica', async () => {
  const { workload, asked } = startWorkload(() => false);
  await workload.burst(5);
  await workload.askAgain();
  expect(asked.length).toBe(15);
});
