import { status as Code } from '@grpc/grpc-js';
import { servesGrpc } from '@txmsg/stack/testing';
import { type System, startSystem } from '@txmsg/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeOf, settled, statusOf, submit, submitMany, taken } from './test-support/flow.js';

let system: System;

beforeAll(async () => {
  system = await startSystem({
    env: {
      TXMSG_ORDER_FIRST_RELAY_DELAY: '1s',
      TXMSG_ORDER_MAX_RELAY_DELAY: '5s',
      TXMSG_ORDER_FENCE_TIME: '5s',
    },
  });
  await system.addStock(1n, 1_000_000n);
});
afterAll(() => system?.stop());

const database = (name: 'order-db' | 'stock-db') => {
  const found = system.databases.get(name);
  if (!found) throw new Error(`no ${name}`);
  return found;
};

/** What grpc.health.v1 says of the first replica. */
const serving = ([service]: System['orders']) => servesGrpc(Number(service?.address.split(':')[1]));

/** Every order settles, and the stock has taken each once. */
async function expectAllTaken(txNos: readonly string[], before: { taken: number }): Promise<void> {
  expect(await settled(system, txNos)).toEqual({ CONFIRMED: txNos.length, REJECTED: 0 });
  const after = await taken(system, 1n);
  expect(after.taken - before.taken).toBe(txNos.length);
  expect(after.logged).toBe(after.taken);
}

describe('an outage', () => {
  it('of the broker costs time and no order: accepted as ever, settled when it is back', async () => {
    const before = await taken(system, 1n);
    await system.broker.kill();
    const txNos = await submitMany(system, 50);
    expect(await statusOf(system, txNos[0] ?? '')).toBe('PENDING');
    await system.broker.start();
    await expectAllTaken(txNos, before);
  });

  it('of the broker under load goes by: the services go on by themselves', async () => {
    const before = await taken(system, 1n);
    const txNos: string[] = [];
    const load = new AbortController();
    const caller = async () => {
      while (!load.signal.aborted) txNos.push(await submit(system));
    };
    const callers = [caller(), caller()];
    await expect.poll(() => txNos.length).toBeGreaterThan(50);
    await system.broker.kill();
    const atKill = txNos.length;
    await expect.poll(() => txNos.length).toBeGreaterThan(atKill + 50);
    await system.broker.start();
    const atStart = txNos.length;
    await expect.poll(() => txNos.length).toBeGreaterThan(atStart + 50);
    load.abort();
    await Promise.all(callers);
    await expectAllTaken(txNos, before);
  });

  it("of the broker's disk heals: topics and groups come back, the outbox publishes again", async () => {
    const before = await taken(system, 1n);
    const [stock] = system.stocks;
    await stock?.stop();
    const delivered = await submitMany(system, 20);
    await system.broker.kill();
    system.broker.deleteData();
    const during = await submitMany(system, 20);
    await system.broker.start();
    await stock?.start();
    await expectAllTaken([...delivered, ...during], before);
  });

  it('of the relay costs time only', async () => {
    const before = await taken(system, 1n);
    const [relay] = system.relays;
    await relay?.kill();
    const txNos = await submitMany(system, 20);
    await relay?.start();
    await expectAllTaken(txNos, before);
  });

  it('of the order database is UNAVAILABLE at once, readiness off, and back by itself', async () => {
    await database('order-db').kill();
    expect(await codeOf(submit(system))).toBe(Code.UNAVAILABLE);
    await expect.poll(() => serving(system.orders)).toBe(false);
    const startedAt = performance.now();
    expect(await codeOf(submit(system))).toBe(Code.UNAVAILABLE);
    expect(performance.now() - startedAt).toBeLessThan(500);
    await database('order-db').start();
    await expect.poll(() => serving(system.orders)).toBe(true);
    const before = await taken(system, 1n);
    await expectAllTaken(await submitMany(system, 5), before);
  });

  it('of the stock database: receiving stops, readiness off, orders stay PENDING, nothing dead-letters; and it goes by', async () => {
    const before = await taken(system, 1n);
    await database('stock-db').kill();
    const txNos = await submitMany(system, 20);
    expect(await statusOf(system, txNos[0] ?? '')).toBe('PENDING');
    await expect.poll(() => serving(system.stocks)).toBe(false);
    expect((await system.stockAdminClient().getStatus({})).receiving).toBe(false);
    await database('stock-db').start();
    await expectAllTaken(txNos, before);
    const { deadLetters } = await system.stockAdminClient().listDeadLetters({});
    expect(deadLetters).toEqual([]);
  });
});
