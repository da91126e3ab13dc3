import { type System, startSystem } from '@txmsg/testbed';
import type { Pool, RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createForeignProducer, settled, statusOf, submit, taken } from './test-support/flow.js';
import { sharedServers } from './test-support/shared-servers.js';

const RETENTION_MS = 4_000;
const ORDERS_PER_SECOND = 30;

let system: System;
let producer: ReturnType<typeof createForeignProducer>;
const all: string[] = [];

beforeAll(async () => {
  system = await startSystem({
    ...sharedServers(),
    env: {
      TXMSG_ORDER_DB_TIMEOUT: '2s',
      TXMSG_ORDER_FENCE_TIME: '2s',
      TXMSG_ORDER_FIRST_RELAY_DELAY: '1s',
      TXMSG_ORDER_MAX_RELAY_DELAY: '2s',
      TXMSG_ORDER_RETENTION: `${RETENTION_MS}ms`,
      TXMSG_ORDER_RETENTION_INTERVAL: '200ms',
      TXMSG_STOCK_RETENTION: `${RETENTION_MS}ms`,
      TXMSG_STOCK_RETENTION_INTERVAL: '200ms',
      TXMSG_RELAY_OUTBOX_IDLE_POLL: '500ms',
      TXMSG_RELAY_WATERMARK_INTERVAL: '200ms',
    },
  });
  await system.addStock(1n, 1_000_000n);
  producer = createForeignProducer(system);
});
afterAll(async () => {
  await producer?.close();
  await system?.stop();
});

const one = (replicas: System['orders']) => replicas[0] ?? Promise.reject(new Error('no such service'));

async function rows(database: Pool, table: string): Promise<number> {
  const [[row]] = await database.query<(RowDataPacket & { n: number })[]>(
    `SELECT COUNT(*) AS n FROM ${table}`,
  );
  return Number(row?.n);
}

/** Rows of the purged tables: both message logs, and the group markers. */
async function remembered(): Promise<number[]> {
  return [
    await rows(system.orderDb, 'tx_log'),
    await rows(system.orderDb, 'tx_group'),
    await rows(system.stockDb, 'tx_log'),
  ];
}

async function floorMs(): Promise<number> {
  const { floorTime } = await system.stockAdminClient().listWatermarks({});
  return Number(floorTime?.seconds ?? 0n) * 1_000 + (floorTime?.nanos ?? 0) / 1e6;
}

/** Submits orders of one piece, waits until they are settled, and returns them. */
async function orders(count: number): Promise<string[]> {
  const txNos = await Promise.all(Array.from({ length: count }, () => submit(system)));
  all.push(...txNos);
  expect(await settled(system, txNos)).toEqual({ CONFIRMED: count, REJECTED: 0 });
  return txNos;
}

/** A counter of the stock service since its start. */
async function counted(name: string): Promise<number> {
  const { counters } = await system.stockAdminClient().getStatus({});
  return Number(counters[name] ?? 0n);
}

describe('retention', () => {
  it('forgets what is settled on both sides, and never an order', async () => {
    await orders(50);
    await expect.poll(remembered).toEqual([0, 0, 0]);
    expect(await rows(system.orderDb, 'orders')).toBe(50);
  });

  it('keeps the tables flat under load', async () => {
    const before = all.length;
    const early: number[] = [];
    const late: number[] = [];
    const startedAt = performance.now();
    for (let elapsed = 0; elapsed < 5 * RETENTION_MS; elapsed = performance.now() - startedAt) {
      while (all.length - before < (ORDERS_PER_SECOND * elapsed) / 1_000) all.push(await submit(system));
      (elapsed < 2.5 * RETENTION_MS ? early : late).push(Math.max(...(await remembered())));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    // The kept rows are a part of the written ones, and usually no more in the second half than ever in the first.
    expect(Math.max(...early, ...late)).toBeLessThan((all.length - before) / 2);
    const usual = late.toSorted((a, b) => a - b)[late.length >> 1];
    expect(usual).toBeLessThan(1.2 * Math.max(...early));
    await settled(system, all);
    await expect.poll(remembered).toEqual([0, 0, 0]);
  });

  it('acks and counts a copy from below the floor, and does not apply it', async () => {
    const [old = ''] = all;
    const [message] = await system.broker.queryByKey(system.messageTopic, old);
    const before = { taken: (await taken(system, 1n)).taken, counted: await counted('below_floor') };
    await producer.publish(message?.body ?? '');
    await expect.poll(() => counted('below_floor')).toBeGreaterThan(before.counted);
    await orders(1);
    expect((await taken(system, 1n)).taken).toBe(before.taken + 1);
  });

  it('applies nothing when every message comes again after an offset reset', async () => {
    await expect.poll(remembered).toEqual([0, 0, 0]);
    const before = (await taken(system, 1n)).taken;
    const stock = await one(system.stocks);
    await stock.stop();
    await system.broker.resetOffset(system.stockGroup, system.messageTopic, 0);
    await stock.start();
    await expect.poll(() => counted('below_floor')).toBeGreaterThanOrEqual(all.length);
    await orders(1);
    expect((await taken(system, 1n)).taken).toBe(before + 1);
    expect([await counted('applied'), await counted('dead_letters')]).toEqual([1, 0]);
  });

  it('waits for a relay that is away for longer than the retention time: its orders are applied once', async () => {
    const before = await taken(system, 1n);
    const relay = await one(system.relays);
    await relay.kill();
    const txNo = await submit(system);
    all.push(txNo);
    const [[created]] = await system.orderDb.query<(RowDataPacket & { ms: number })[]>(
      'SELECT UNIX_TIMESTAMP(create_time) * 1000 AS ms FROM orders WHERE tx_no = ?',
      [txNo],
    );
    const age = async () => {
      const [[now]] = await system.stockDb.query<(RowDataPacket & { ms: number })[]>(
        'SELECT UNIX_TIMESTAMP(NOW(3)) * 1000 AS ms',
      );
      return Number(now?.ms) - Number(created?.ms);
    };
    await expect.poll(age).toBeGreaterThan(2 * RETENTION_MS);
    expect(await statusOf(system, txNo)).toBe('PENDING');
    expect(await floorMs()).toBeLessThan(Number(created?.ms));
    await relay.start();
    expect(await settled(system, [txNo])).toEqual({ CONFIRMED: 1, REJECTED: 0 });
    expect((await taken(system, 1n)).taken).toBe(before.taken + 1);
    await expect.poll(remembered).toEqual([0, 0, 0]);
    expect((await taken(system, 1n)).taken).toBe(all.length);
  });
});
