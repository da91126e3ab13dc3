import { describe, expect, it } from 'vitest';
import type { NewOrder, Order } from '../domain/order.js';
import { createGroupQueue, type PendingOrder } from './group-queue.js';

let made = 0;
function newOrder(): NewOrder {
  made += 1;
  return { txNo: `t${made}`, orderNo: `o${made}`, productId: 1n, payCount: 1 };
}

/** A queue whose groups are written when the test says so. */
function createHeldQueue(maxQueued: number) {
  const groups: { orders: readonly PendingOrder[]; done: () => void }[] = [];
  const writeGroup = (orders: readonly PendingOrder[]) =>
    new Promise<void>((resolve) => void groups.push({ orders, done: resolve }));
  const queue = createGroupQueue(writeGroup, {
    maxQueued,
    maxGroupsInFlight: 1,
    maxGroupSize: 2,
    maxKeyBytes: 1_000,
  });
  const writeNext = () => {
    const group = groups.shift();
    for (const order of group?.orders ?? []) order.resolve({ ...order } as unknown as Order);
    group?.done();
  };
  return { queue, groups, writeNext };
}

/** Until the queue has cut the group that it cuts at the end of this turn of the event loop. */
async function nextTurn(): Promise<void> {
  await new Promise(setImmediate);
  await new Promise(setImmediate);
}

describe('room in the queue', () => {
  it('is given in the order of asking, to as many as there is room for', async () => {
    const { queue, writeNext } = createHeldQueue(2);
    const signal = new AbortController().signal;
    const first = queue.submit(newOrder());
    await nextTurn();
    const answers = [first, queue.submit(newOrder()), queue.submit(newOrder())];
    const admitted: number[] = [];
    const callers = [1, 2, 3].map((caller) => queue.hasRoom(signal).then(() => admitted.push(caller)));
    await nextTurn();
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
    await nextTurn();
    const answers = [first, queue.submit(newOrder())];
    const gone = new AbortController();
    const waiting = queue.hasRoom(gone.signal);
    gone.abort();
    await waiting;
    writeNext();
    await nextTurn();
    writeNext();
    await Promise.all(answers);
  });
});
