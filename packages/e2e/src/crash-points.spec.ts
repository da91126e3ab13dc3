import type { ServiceError } from '@grpc/grpc-js';
import { type System, startSystem } from '@txmsg/testbed';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { outcomeOf, settled, statusOf, submit, taken } from './harness/flow.js';
import { relayCount } from './harness/relay-status.js';

let system: System;

beforeAll(async () => {
  system = await startSystem({
    orders: 2,
    stocks: 1,
    relays: 1,
    databaseAddress: inject('databaseAddress'),
    // The outbox stays out of it, so that what heals here is the check-back or the redelivery.
    env: {
      TXMSG_ORDER_FIRST_RELAY_DELAY: '10m',
      TXMSG_ORDER_MAX_RELAY_DELAY: '1h',
      TXMSG_ORDER_FENCE_TIME: '5s',
    },
  });
  for (const productId of [1n, 2n, 3n, 4n, 5n, 6n]) await system.addStock(productId, 100_000n);
});
afterAll(() => system?.stop());

const order = () => system.orders[0] ?? Promise.reject(new Error('no order-svc'));
const stock = () => system.stocks[0] ?? Promise.reject(new Error('no stock-svc'));

/** Restarts a service with a failpoint, runs `act`, waits for its death, and starts it again without. */
async function crashing(
  service: System['orders'][number],
  failpoint: string,
  act: () => Promise<unknown>,
): Promise<void> {
  await service.stop();
  await service.start({ TXMSG_FAILPOINTS: `${failpoint}=exit` });
  const died = service.exited();
  await act();
  await died;
  await service.start({ TXMSG_FAILPOINTS: '' });
}

/** Submits one order, or a hundred that go together, and lets the answers be lost. */
async function submitInto(replica: number, productId: bigint, size: number): Promise<string[]> {
  const txNos = Array.from({ length: size }, () => uuidv7());
  await Promise.allSettled(txNos.map((txNo) => submit(system, { productId, txNo }, replica)));
  return txNos;
}

const committed = async (txNos: readonly string[]) => {
  const [rows] = await system.orderDb.query('SELECT tx_no FROM orders WHERE tx_no IN (?)', [txNos]);
  return (rows as { tx_no: string }[]).map((row) => row.tx_no);
};

const fenced = async () => {
  const [rows] = await system.orderDb.query("SELECT COUNT(*) AS n FROM tx_group WHERE state = 'FENCED'");
  return Number((rows as { n: number }[])[0]?.n);
};

/** Submits orders again with the same tx_nos, as their callers do: each is an order now, and is settled once. */
async function retried(productId: bigint, txNos: readonly string[], before: { taken: number }) {
  await Promise.all(txNos.map((txNo) => submit(system, { productId, txNo }, 1)));
  expect(await settled(system, txNos)).toEqual({ CONFIRMED: txNos.length, REJECTED: 0 });
  expect((await taken(system, productId)).taken - before.taken).toBe(txNos.length);
}

describe.each([{ size: 1 }, { size: 100 }])('with groups of up to $size', ({ size }) => {
  it('order-svc dies between its commit and the end of the half message: the check-back delivers', async () => {
    let txNos: string[] = [];
    const before = await taken(system, 1n);
    await crashing(await order(), 'order.after-commit', async () => {
      txNos = await submitInto(0, 1n, size);
    });
    const there = await committed(txNos);
    expect(there.length).toBeGreaterThan(0);
    expect(await settled(system, there)).toEqual({ CONFIRMED: there.length, REJECTED: 0 });
    expect((await taken(system, 1n)).taken - before.taken).toBe(there.length);
    await retried(1n, txNos, before);
  });

  it.each(['order.before-insert', 'order.before-commit'])(
    'order-svc dies at %s, its half message sent: nothing is ever delivered, and a retry is an order',
    async (failpoint) => {
      const service = await order();
      const before = { ...(await taken(system, 2n)), fenced: await fenced() };
      await service.stop();
      await service.start({ TXMSG_FAILPOINTS: `${failpoint}=pause` });
      const halves = await relayCount(system, 'half_messages');
      const answers = submitInto(0, 2n, size);
      await expect.poll(() => relayCount(system, 'half_messages')).toBeGreaterThan(halves);
      await service.kill();
      const txNos = await answers;
      await service.start({ TXMSG_FAILPOINTS: '' });
      // The half message is decided once its transaction is fenced.
      await expect.poll(fenced).toBeGreaterThan(before.fenced);
      expect(await committed(txNos)).toEqual([]);
      expect(await Promise.all(txNos.map((txNo) => outcomeOf(system, txNo)))).toEqual(
        txNos.map(() => undefined),
      );
      await retried(2n, txNos, before);
    },
  );

  it.each(['stock.before-commit', 'stock.after-commit', 'stock.after-publish'])(
    'stock-svc dies at %s: the redelivery has the same outcome, once',
    async (failpoint) => {
      const before = await taken(system, 3n);
      let txNos: string[] = [];
      await crashing(await stock(), failpoint, async () => {
        txNos = await submitInto(1, 3n, size);
      });
      expect(await settled(system, txNos)).toEqual({ CONFIRMED: size, REJECTED: 0 });
      const after = await taken(system, 3n);
      expect(after.taken - before.taken).toBe(size);
      expect(after.logged).toBe(after.taken);
    },
  );

  it('order-svc dies while it settles: the outcome comes again', async () => {
    let txNos: string[] = [];
    await Promise.all(
      system.orders.map((service) =>
        crashing(service, 'order.before-settle-commit', async () => {
          if (service === system.orders[0]) txNos = await submitInto(0, 4n, size);
          else await submitInto(1, 4n, 1);
        }),
      ),
    );
    expect(await settled(system, await committed(txNos))).toMatchObject({ REJECTED: 0 });
  });
});

describe('kill -9 and SIGTERM', () => {
  it('loses no order that was answered when every process is killed at that instant', async () => {
    const txNos = await Promise.all(
      Array.from({ length: 50 }, (_, i) => submit(system, { productId: 5n }, i % 2)),
    );
    const all = [...system.orders, ...system.relays, ...system.stocks];
    await Promise.all(all.map((service) => service.kill()));
    expect((await committed(txNos)).length).toBe(50);
    await Promise.all(all.map((service) => service.start()));
    expect(await settled(system, txNos)).toEqual({ CONFIRMED: 50, REJECTED: 0 });
    expect(await taken(system, 5n)).toMatchObject({ taken: 50, logged: 50 });
  });

  it('stops and restarts each service in order under load: every order that was answered is settled once', async () => {
    const answered: string[] = [];
    const load = new AbortController();
    const caller = async (replica: number) => {
      while (!load.signal.aborted) {
        try {
          answered.push(await submit(system, { productId: 6n }, replica));
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
    const { taken: pieces, logged } = await taken(system, 6n);
    expect(pieces).toBe(logged);
    expect(pieces).toBeGreaterThanOrEqual(answered.length);
    expect(await statusOf(system, answered[0] ?? '', 1)).toBe('CONFIRMED');
  });
});
