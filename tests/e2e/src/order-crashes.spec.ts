import { type System, startSystem } from '@txmsg/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { only, startDoomed, submitInto, untilDead } from './test-support/crashes.js';
import { outcomeOf, settled, submit, taken } from './test-support/flow.js';
import { relayCount } from './test-support/relay-status.js';
import { sharedServers } from './test-support/shared-servers.js';

let system: System;

beforeAll(async () => {
  system = await startSystem({
    ...sharedServers(),
    orders: 2,
    // The outbox comes long after the check-backs and redeliveries that heal here.
    env: {
      TXMSG_ORDER_FIRST_RELAY_DELAY: '20s',
      TXMSG_ORDER_FENCE_TIME: '3s',
    },
  });
  for (const productId of [1n, 2n, 3n]) await system.addStock(productId, 100_000n);
});
afterAll(() => system?.stop());

const committed = async (txNos: readonly string[]) => {
  const [rows] = await system.orderDb.query('SELECT tx_no FROM orders WHERE tx_no IN (?)', [txNos]);
  return (rows as { tx_no: string }[]).map((row) => row.tx_no);
};

const groups = async (state: 'LIVE' | 'FENCED') => {
  const [rows] = await system.orderDb.query('SELECT COUNT(*) AS n FROM tx_group WHERE state = ?', [state]);
  return Number((rows as { n: number }[])[0]?.n);
};
const liveGroups = () => groups('LIVE');
const fenced = () => groups('FENCED');

/** Submits orders again with the same tx_nos, as their callers do. Each is an order now, and is settled once. */
async function expectRetried(productId: bigint, txNos: readonly string[], before: { taken: number }) {
  await Promise.all(txNos.map((txNo) => submit(system, { productId, txNo }, 1)));
  expect(await settled(system, txNos)).toEqual({ CONFIRMED: txNos.length, REJECTED: 0 });
  expect((await taken(system, productId)).taken - before.taken).toBe(txNos.length);
}

describe.each([{ size: 1 }, { size: 100 }])('with groups of up to $size', ({ size }) => {
  it('order-svc dies between its commit and the end of the half message: the check-back delivers', async () => {
    const before = await taken(system, 1n);
    const live = await liveGroups();
    const checkBacks = await relayCount(system, 'check_backs_committed');
    const service = only(system.orders);
    const halves = await relayCount(system, 'half_messages');
    await service.stop();
    await service.start({ TXMSG_FAILPOINTS: 'order.after-commit=pause' });
    const submitting = submitInto(system, 1n, size);
    await expect.poll(() => relayCount(system, 'half_messages')).toBeGreaterThan(halves);
    await expect.poll(liveGroups).toBeGreaterThan(live);
    await service.kill();
    const { txNos } = await submitting;
    await service.start({ TXMSG_FAILPOINTS: '' });
    const there = await committed(txNos);
    expect(there.length).toBeGreaterThan(0);
    expect(await settled(system, there)).toEqual({ CONFIRMED: there.length, REJECTED: 0 });
    expect((await taken(system, 1n)).taken - before.taken).toBe(there.length);
    expect(await relayCount(system, 'check_backs_committed')).toBeGreaterThan(checkBacks);
    await expectRetried(1n, txNos, before);
  });

  it.each(['order.before-insert', 'order.before-commit'])(
    'order-svc dies at %s, its half message sent: nothing is ever delivered, and a retry is an order',
    async (failpoint) => {
      const service = only(system.orders);
      const before = { ...(await taken(system, 2n)), fenced: await fenced() };
      await service.stop();
      await service.start({ TXMSG_FAILPOINTS: `${failpoint}=pause` });
      const halves = await relayCount(system, 'half_messages');
      const submitting = submitInto(system, 2n, size);
      await expect.poll(() => relayCount(system, 'half_messages')).toBeGreaterThan(halves);
      await service.kill();
      const { txNos } = await submitting;
      await service.start({ TXMSG_FAILPOINTS: '' });
      // The half message is decided once its transaction is fenced.
      await expect.poll(fenced).toBeGreaterThan(before.fenced);
      expect(await committed(txNos)).toEqual([]);
      expect(await Promise.all(txNos.map((txNo) => outcomeOf(system, txNo)))).toEqual(
        txNos.map(() => undefined),
      );
      await expectRetried(2n, txNos, before);
    },
  );

  it('order-svc dies while it settles: the outcome comes again', async () => {
    const before = await taken(system, 3n);
    await Promise.all(
      system.orders.map((service) => startDoomed(service, 'order.before-settle-commit=exit')),
    );
    const { txNos } = await submitInto(system, 3n, size);
    // The relay brings the outcome to one replica, and then to the other.
    await Promise.all(system.orders.map((service) => untilDead(service)));
    await Promise.all(system.orders.map((service) => service.start({ TXMSG_FAILPOINTS: '' })));
    const there = await committed(txNos);
    expect(await settled(system, there)).toEqual({ CONFIRMED: there.length, REJECTED: 0 });
    expect((await taken(system, 3n)).taken - before.taken).toBe(there.length);
  });
});
