import { createTcpProxy } from '@txmsg/stack/testing';
import { createConnection } from 'mysql2/promise';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createReplica } from '../test-support/replica.js';
import type { NewOrder, Order } from '../test-support/shop.js';
import { findOrdersByTxNo } from '../test-support/shop.js';
import { createOrderDatabase, type OrderDatabase } from '../test-support/shop-database.js';

let orderDatabase: OrderDatabase;

beforeAll(async () => {
  orderDatabase = await createOrderDatabase();
});
afterAll(() => orderDatabase.close());

const newGroup = (count: number): NewOrder[] =>
  Array.from({ length: count }, () => ({ txNo: uuidv7(), orderNo: uuidv7(), productId: 1n, payCount: 2 }));

function expectUnavailable(
  group: readonly NewOrder[],
  results: readonly PromiseSettledResult<Order>[],
): void {
  expect(results).toMatchObject(
    group.map(({ txNo }) => ({
      reason: { code: 'UNAVAILABLE', details: { info: { metadata: { tx_no: txNo } } } },
    })),
  );
}

/** Locks a table until the returned function is called. */
async function lockTable(name: string): Promise<() => Promise<void>> {
  const keeper = await createConnection(orderDatabase.url);
  await keeper.query(`LOCK TABLES ${name} READ`);
  return () => keeper.end();
}

describe('a lock that keeps every order waiting', () => {
  it('is refused for the whole group after one wait when the database takes no writes', async () => {
    const asked: unknown[] = [];
    const replica = await createReplica(
      orderDatabase.connect({ lockWaitSeconds: 1 }),
      {},
      { isDatabaseThere: async () => asked.push('asked') === 0 },
    );
    const unlock = await lockTable('tx_log');
    const group = newGroup(5);
    expectUnavailable(group, await Promise.allSettled(group.map((order) => replica.queue.submit(order))));
    expect(asked).toHaveLength(1);
    expect(replica.relay.halves).toHaveLength(1);
    await expect.poll(() => [...replica.relay.ended.values()]).toEqual(['ROLLBACK']);
    await unlock();
    await Promise.all(group.map((order) => replica.queue.submit(order)));
  });

  it('ends the writing one by one when the callers have been answered', async () => {
    const replica = await createReplica(
      orderDatabase.connect({ lockWaitSeconds: 1 }),
      {},
      { answerWithinMs: 1_500 },
    );
    const other = await createReplica(
      orderDatabase.connect({ lockWaitSeconds: 1 }),
      {},
      { isDatabaseThere: async () => false },
    );
    const unlock = await lockTable('tx_log');
    const group = newGroup(20);
    const singles = () => replica.relay.halves.filter(({ txNos }) => txNos.length === 1).length;
    expectUnavailable(group, await Promise.allSettled(group.map((order) => replica.queue.submit(order))));
    const tried = singles();
    // Four lock waits go by, in which as many more would have been tried; one may just have begun.
    for (const order of newGroup(4)) await expect(other.queue.submit(order)).rejects.toBeDefined();
    expect(singles()).toBeLessThanOrEqual(tried + 1);
    await unlock();
    await Promise.all(group.map((order) => replica.queue.submit(order)));
  });
});

describe('orders that have waited for as long as callers are kept waiting', () => {
  it('are refused without an attempt when nothing was committed meanwhile', async () => {
    const replica = await createReplica(
      orderDatabase.connect({ lockWaitSeconds: 2 }),
      {},
      { answerWithinMs: 1_000, isDatabaseThere: async () => false },
    );
    const unlock = await lockTable('tx_log');
    const first = newGroup(1);
    const answers = [Promise.allSettled(first.map((order) => replica.queue.submit(order)))];
    await expect.poll(() => replica.relay.halves).toHaveLength(1);
    const second = newGroup(3);
    answers.push(Promise.allSettled(second.map((order) => replica.queue.submit(order))));
    const [firstResults, secondResults] = await Promise.all(answers);
    expectUnavailable(first, firstResults ?? []);
    expectUnavailable(second, secondResults ?? []);
    expect(replica.relay.halves).toHaveLength(1);
    await unlock();
    await Promise.all(second.map((order) => replica.queue.submit(order)));
  });
});

describe('a database that says nothing', () => {
  it('costs the callers the time for an answer and no more; a retry meets what became of the group', async () => {
    const proxy = await createTcpProxy({ target: inject('databaseAddress') });
    const database = orderDatabase.connect({ address: proxy.address, timeoutMs: 5_000 });
    const replica = await createReplica(database, {}, { answerWithinMs: 500 });
    const group = newGroup(3);
    proxy.drop();
    const startedAt = performance.now();
    expectUnavailable(group, await Promise.allSettled(group.map((order) => replica.queue.submit(order))));
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    expect(replica.outages).toHaveLength(1);
    proxy.restore();
    await replica.queue.drain();
    await Promise.all(group.map((order) => replica.queue.submit(order)));
    const txNos = group.map(({ txNo }) => txNo);
    expect(await database.run((db) => findOrdersByTxNo(db, txNos))).toHaveLength(group.length);
    await proxy.close();
  });
});
