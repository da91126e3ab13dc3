import { describe, expect, it } from 'vitest';
import type { NewOrder, Order } from '../test-support/shop.js';
import { orderGroup, refusals } from '../test-support/shop.js';
import { createGroupQueue, type Pending } from './group-queue.js';

type PendingOrder = Pending<NewOrder, Order>;

let made = 0;
function newOrder(): NewOrder {
  made += 1;
  return { txNo: `t${made}`, orderNo: `o${made}`, productId: 1n, payCount: 1 };
}

/** A queue whose groups are written when the test says so. */
function createHeldQueue(maxQueued: number, maxGroupSize = 2) {
  const groups: { orders: readonly PendingOrder[]; done: () => void }[] = [];
  const writeGroup = (orders: readonly PendingOrder[]) =>
    new Promise<void>((resolve) => void groups.push({ orders, done: resolve }));
  const queue = createGroupQueue<NewOrder, Order>(writeGroup, {
    sameContent: orderGroup.sameContent,
    refusals,
    maxQueued,
    maxGroupsInFlight: 1,
    maxGroupSize,
  });
  const writeNext = () => {
    const group = groups.shift();
    for (const order of group?.orders ?? []) order.resolve({ ...order } as unknown as Order);
    group?.done();
  };
  return { queue, groups, writeNext };
}

/** Until the queue has cut the group that it cuts after a turn of the event loop that brought nothing. */
async function quietTurns(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await new Promise(setImmediate);
}

describe('room in the queue', () => {
  it('is given in the order of asking, to as many as there is room for', async () => {
    const { queue, writeNext } = createHeldQueue(2);
    const signal = new AbortController().signal;
    const first = queue.submit(newOrder());
    await quietTurns();
    const answers = [first, queue.submit(newOrder()), queue.submit(newOrder())];
    const admitted: number[] = [];
    const callers = [1, 2, 3].map((caller) => queue.hasRoom(signal).then(() => admitted.push(caller)));
    await quietTurns();
    expect(admitted).toEqual([]);
    writeNext();
    await Promise.all(callers.slice(0, 2));
    expect(admitted).toEqual([1, 2]);
    writeNext();
    await Promise.all([...answers, ...callers]);
    expect(admitted).toEqual([1, 2, 3]);
  });

  it('is not waited for by a caller that has gone', async () => {
    const { queue, writeNext } = createHeldQueue(1);
    const first = queue.submit(newOrder());
    await quietTurns();
    const answers = [first, queue.submit(newOrder())];
    const gone = new AbortController();
    const waiting = queue.hasRoom(gone.signal);
    gone.abort();
    await waiting;
    writeNext();
    await quietTurns();
    writeNext();
    await Promise.all(answers);
  });
});

describe('a group', () => {
  it('takes what comes turn after turn, and is cut when it is full', async () => {
    const { queue, groups } = createHeldQueue(1_000, 60);
    for (let turn = 0; turn < 3; turn += 1) {
      for (let order = 0; order < 20; order += 1) void queue.submit(newOrder());
      expect(groups).toEqual([]);
      await new Promise(setImmediate);
    }
    await quietTurns();
    expect(groups[0]?.orders).toHaveLength(60);
    expect(queue.length).toBe(0);
  });

  it('does not wait for the end of a steady flow', async () => {
    const { queue, groups } = createHeldQueue(1_000, 1_000);
    for (let turn = 0; turn < 50; turn += 1) {
      void queue.submit(newOrder());
      await new Promise(setImmediate);
    }
    expect(groups[0]?.orders.length).toBeLessThan(20);
  });

  it('is not waited for when those that made it are refused', async () => {
    const { queue, groups, writeNext } = createHeldQueue(10, 10);
    const refused = queue.submit(newOrder());
    queue.rejectAll(() => new Error('away'));
    await expect(refused).rejects.toThrow('away');
    await quietTurns();
    expect(groups).toEqual([]);
    const next = queue.submit(newOrder());
    await quietTurns();
    writeNext();
    await next;
  });
});
