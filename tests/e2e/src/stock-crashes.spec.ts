import type { ServiceError } from '@grpc/grpc-js';
import { type System, startSystem } from '@txmsg/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { only, startDoomed, submitInto, untilDead } from './test-support/crashes.js';
import { settled, statusOf, submit, taken } from './test-support/flow.js';
import { sharedServers } from './test-support/shared-servers.js';

const CRASHES = ['stock.before-commit', 'stock.after-commit', 'stock.after-publish'].flatMap(
  (failpoint, i) => [
    { failpoint, size: 1, productId: BigInt(10 + i) },
    { failpoint, size: 100, productId: BigInt(20 + i) },
  ],
);

describe('stock-svc dies with messages in hand', () => {
  const submitted = new Map<bigint, string[]>();
  let system: System;
  beforeAll(async () => {
    system = await startSystem({
      ...sharedServers(),
      // The outbox stays out of it, so redelivery does the healing here.
      env: { TXMSG_ORDER_FIRST_RELAY_DELAY: '10m', TXMSG_ORDER_MAX_RELAY_DELAY: '1h' },
    });
    for (const { productId } of CRASHES) await system.addStock(productId, 100_000n);
    const stock = only(system.stocks);
    for (const { failpoint, size, productId } of CRASHES) {
      await stock.stop();
      // The messages wait on the broker, so the first receive gets all of them.
      submitted.set(productId, (await submitInto(system, productId, size)).answered);
      await startDoomed(stock, `${failpoint}=exit`);
      await untilDead(stock);
    }
    await stock.start({ TXMSG_FAILPOINTS: '' });
  });
  afterAll(() => system?.stop());

  it.each(CRASHES)(
    'at $failpoint, orders $size: the redelivery has the same outcome, once',
    async ({ size, productId }) => {
      const txNos = submitted.get(productId) ?? [];
      expect(await settled(system, txNos)).toEqual({ CONFIRMED: size, REJECTED: 0 });
      expect(await taken(system, productId)).toMatchObject({ taken: size, logged: size });
    },
  );
});

describe('kill -9 and SIGTERM', () => {
  let system: System;
  beforeAll(async () => {
    // An order is answered without waiting for its half message. The outbox heals orders that were killed before theirs
    // was sent.
    system = await startSystem({ ...sharedServers(), orders: 2 });
    for (const productId of [1n, 2n]) await system.addStock(productId, 100_000n);
  });
  afterAll(() => system?.stop());

  it('loses no order that was answered when every process is killed at that instant', async () => {
    const txNos = await Promise.all(
      Array.from({ length: 50 }, (_, i) => submit(system, { productId: 1n }, i % 2)),
    );
    const all = [...system.orders, ...system.relays, ...system.stocks];
    await Promise.all(all.map((service) => service.kill()));
    const [rows] = await system.orderDb.query('SELECT tx_no FROM orders WHERE tx_no IN (?)', [txNos]);
    expect(rows).toHaveLength(50);
    await Promise.all(all.map((service) => service.start()));
    expect(await settled(system, txNos)).toEqual({ CONFIRMED: 50, REJECTED: 0 });
    expect(await taken(system, 1n)).toMatchObject({ taken: 50, logged: 50 });
  });

  it('stops and restarts each service in order under load: every order that was answered is settled once', async () => {
    const answered: string[] = [];
    const load = new AbortController();
    const caller = async (replica: number) => {
      while (!load.signal.aborted) {
        try {
          answered.push(await submit(system, { productId: 2n }, replica));
        } catch (error) {
          expect([1, 14]).toContain((error as ServiceError).code);
        }
      }
    };
    const callers = [0, 1, 0, 1].map(caller);
    for (const service of [...system.orders, ...system.relays, ...system.stocks]) {
      const reached = answered.length;
      await service.stop();
      await service.start();
      await expect.poll(() => answered.length).toBeGreaterThan(reached + 20);
    }
    load.abort();
    await Promise.all(callers);
    expect(await settled(system, answered)).toEqual({ CONFIRMED: answered.length, REJECTED: 0 });
    const { taken: pieces, logged } = await taken(system, 2n);
    expect(pieces).toBe(logged);
    expect(pieces).toBeGreaterThanOrEqual(answered.length);
    expect(await statusOf(system, answered[0] ?? '', 1)).toBe('CONFIRMED');
  });
});
