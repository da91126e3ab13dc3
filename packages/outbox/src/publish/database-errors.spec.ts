import { TxmsgError } from '@txmsg/core';
import { createMysqlFaultProxy, type MysqlFault, type MysqlFaultProxy } from '@txmsg/stack/testing';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { checkTransaction } from '../store/markers.js';
import { createReplica, type Replica } from '../test-support/replica.js';
import type { NewOrder, Order } from '../test-support/shop.js';
import { findOrdersByTxNo, tables } from '../test-support/shop.js';
import { createOrderDatabase, type OrderDatabase } from '../test-support/shop-database.js';

let orderDatabase: OrderDatabase;
let proxy: MysqlFaultProxy;
let replica: Replica;

beforeAll(async () => {
  orderDatabase = await createOrderDatabase();
  proxy = await createMysqlFaultProxy({ target: inject('databaseAddress') });
});
beforeEach(async () => {
  replica = await createReplica(orderDatabase.connect({ address: proxy.address }));
});
afterAll(async () => {
  await orderDatabase.close();
  await proxy.close();
});

/** Answers of servers that are stopped or demoted, and of proxies that lost theirs. */
const ERRORS = [1047, 1053, 1105, 1180, 1290, 1317, 1927, 2006, 2013, 3100, 9001];
const LIMITS = { fenceMs: 0, retentionMs: 600_000 };

const newOrder = (): NewOrder => ({ txNo: uuidv7(), orderNo: uuidv7(), productId: 1n, payCount: 2 });
const stored = (orders: readonly NewOrder[]) =>
  orderDatabase.connect().run((db) =>
    findOrdersByTxNo(
      db,
      orders.map(({ txNo }) => txNo),
    ),
  );

/** Submits a group of three while the fault is set. */
async function submitInto(fault: MysqlFault) {
  const group = [newOrder(), newOrder(), newOrder()];
  const set = proxy.fail(fault);
  const results = await Promise.allSettled(group.map((order) => replica.queue.submit(order)));
  set.stop();
  expect(set.hits).toBeGreaterThan(0);
  return { group, results };
}

/** The order, or UNAVAILABLE with the tx_no: nothing else is true of a database that can't say what it did. */
function expectOrderOrUnavailable(group: readonly NewOrder[], results: PromiseSettledResult<Order>[]): void {
  for (const [index, result] of results.entries()) {
    const { txNo, orderNo } = group[index] as NewOrder;
    if (result.status === 'fulfilled')
      expect(result.value).toMatchObject({ txNo, orderNo, status: 'PENDING' });
    else
      expect(result.reason).toMatchObject({
        code: 'UNAVAILABLE',
        details: { info: { metadata: { tx_no: txNo } } },
      });
  }
}

/** What was said of each half message, and is said by CheckTransaction, is what the database holds. */
async function expectOneVerdict(group: readonly NewOrder[]): Promise<void> {
  const database = orderDatabase.connect();
  const written = (await stored(group)).length > 0;
  const verdicts: string[] = [];
  for (const { transactionId } of replica.relay.halves) {
    const verdict = await checkTransaction(
      database,
      tables,
      { transactionId, createTimeMs: 0, nowMs: 0 },
      LIMITS,
    );
    expect(
      await checkTransaction(database, tables, { transactionId, createTimeMs: 0, nowMs: 0 }, LIMITS),
    ).toBe(verdict);
    expect([verdict, undefined]).toContain(replica.relay.ended.get(transactionId));
    verdicts.push(verdict);
  }
  expect(verdicts.filter((verdict) => verdict === 'COMMIT')).toHaveLength(written ? 1 : 0);
}

/** With the database well again the same tx_nos give the same orders. */
async function expectRetriesWork(group: readonly NewOrder[]): Promise<void> {
  const before = await stored(group);
  const again = await Promise.all(
    group.map((order) => replica.queue.submit({ ...order, orderNo: uuidv7() })),
  );
  for (const { txNo, orderNo } of before)
    expect(again.find((order) => order.txNo === txNo)?.orderNo).toBe(orderNo);
  expect(await stored(group)).toHaveLength(group.length);
}

describe.each(['INSTEAD', 'AFTER'] as const)('an error packet %s of COMMIT', (when) => {
  it.each(ERRORS)('is in doubt, and the doubt is resolved: %i', async (errno) => {
    const { group, results } = await submitInto({ statement: /^COMMIT$/, errno, when, times: 1 });
    expectOrderOrUnavailable(group, results);
    await expectOneVerdict(group);
    await expectRetriesWork(group);
  });

  it.each([1053, 2013])('is in doubt when it ends the connection, too: %i', async (errno) => {
    const fault = { statement: /^COMMIT$/, errno, when, times: 1, thenClose: true };
    const { group, results } = await submitInto(fault);
    expectOrderOrUnavailable(group, results);
    await expectOneVerdict(group);
    await expectRetriesWork(group);
  });

  it.each([1105, 2013])('stays in doubt when nothing can be looked up: %i', async (errno) => {
    // The group itself names the table, too, in one packet with START TRANSACTION.
    const lookUp = /^(?!START TRANSACTION).*`tx_group`/is;
    const blind = proxy.fail({ statement: lookUp, errno, when: 'INSTEAD' });
    const { group, results } = await submitInto({ statement: /^COMMIT$/, errno, when, times: 1 });
    blind.stop();
    expect(blind.hits).toBeGreaterThan(0);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expectOrderOrUnavailable(group, results);
    expect([...replica.relay.ended.values()]).toEqual([]);
    await expectOneVerdict(group);
    await expectRetriesWork(group);
  });

  it('is UNAVAILABLE with the tx_no when it comes again and again', async () => {
    const { group, results } = await submitInto({ statement: /^COMMIT$/, errno: 1105, when });
    expectOrderOrUnavailable(group, results);
    await expectOneVerdict(group);
    await expectRetriesWork(group);
  });
});

describe.each(['INSTEAD', 'AFTER'] as const)('an error packet %s of the statements before COMMIT', (when) => {
  it.each(ERRORS)('is an outage, and certainly no order: %i', async (errno) => {
    const { group, results } = await submitInto({ statement: /^START TRANSACTION/, errno, when, times: 1 });
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expectOrderOrUnavailable(group, results);
    expect(
      results.every((result) => result.status === 'rejected' && result.reason instanceof TxmsgError),
    ).toBe(true);
    expect(replica.outages).toHaveLength(1);
    expect(await stored(group)).toEqual([]);
    await expect.poll(() => [...replica.relay.ended.values()]).toEqual(['ROLLBACK']);
    await expectRetriesWork(group);
  });
});
