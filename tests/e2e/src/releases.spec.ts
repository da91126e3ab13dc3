import type { ReleaseMix, System } from '@txmsg/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditOf } from './test-support/audit.js';
import { only, submitInto } from './test-support/crashes.js';
import { settled, submit, submitMany, taken } from './test-support/flow.js';
import { relayCount } from './test-support/relay-status.js';
import { floorMs, startMixed } from './test-support/releases.js';

const one = (system: System) => submit(system).then((txNo) => settled(system, [txNo]));

/** Tests that releases work together as one does. Returns the system, which is there as soon as a test runs. */
function itWorksTogether(mix: ReleaseMix): () => System {
  let system: System;
  beforeAll(async () => {
    system = await startMixed(mix);
    await system.addStock(1n, 100_000n);
    await system.addStock(2n, 1n);
  });
  afterAll(() => system?.stop());

  it('settles orders, those that the stock rejects too', async () => {
    const txNos = await submitMany(system, 100);
    const scarce = await Promise.all([1, 2, 3].map(() => submit(system, { productId: 2n })));
    expect(await settled(system, txNos)).toEqual({ CONFIRMED: 100, REJECTED: 0 });
    expect(await settled(system, scarce)).toEqual({ CONFIRMED: 1, REJECTED: 2 });
    expect(await taken(system, 1n)).toMatchObject({ taken: 100, logged: 100 });
  });

  it('brings to its end what a sender that died and a relay that was down have left', async () => {
    const [order, relay] = [only(system.orders), only(system.relays)];
    await order.stop();
    await order.start({ TXMSG_FAILPOINTS: 'order.after-commit=pause' });
    const halves = await relayCount(system, 'half_messages');
    const submitting = submitInto(system, 1n, 20);
    await expect.poll(() => relayCount(system, 'half_messages')).toBeGreaterThan(halves);
    await order.kill();
    const { txNos: unended } = await submitting;
    await Promise.all([order.start({ TXMSG_FAILPOINTS: '' }), relay.stop()]);
    const unsent = await submitMany(system, 50);
    await relay.start();
    expect(await settled(system, unsent)).toEqual({ CONFIRMED: 50, REJECTED: 0 });
    expect(await relayCount(system, 'outbox_transactions')).toBeGreaterThanOrEqual(50);
    const { CONFIRMED = 0 } = await settled(system, unended);
    expect(CONFIRMED).toBeGreaterThan(0);
    expect(await taken(system, 1n)).toMatchObject({ taken: 150 + CONFIRMED, logged: 150 + CONFIRMED });
    await expect.poll(() => relayCount(system, 'check_backs_committed')).toBeGreaterThan(0);
  });

  it('finds the books of both sides the same', async () => {
    const { differences, summary } = await auditOf(system);
    expect(differences).toEqual([]);
    expect(summary).toMatchObject({ pending: 0n, accounts: 2n });
  });
  return () => system;
}

describe('a relay of the previous release with the services of this one', () => {
  const system = itWorksTogether({
    relays: ['previous'],
    orders: ['this'],
    stocks: ['this'],
    schema: 'this',
  });

  it('brings the watermark, and the floor of the stock rises', async () => {
    await one(system());
    await expect.poll(() => floorMs(system())).toBeGreaterThan(0);
    const before = await floorMs(system());
    await one(system());
    await expect.poll(() => floorMs(system())).toBeGreaterThan(before);
  });
});

describe('a relay of this release with the services of the previous one', () => {
  const system = itWorksTogether({
    relays: ['this'],
    orders: ['previous'],
    stocks: ['previous'],
    schema: 'previous',
  });

  it('says once that the stock takes no watermarks; the floor of the stock waits', async () => {
    const relay = only(system().relays);
    await relay.stop();
    const earlier = relay.log().length;
    const told = () => relay.log().slice(earlier).split('takes no watermarks').length - 1;
    await relay.start();
    await expect.poll(told).toBeGreaterThan(0);
    for (const _ of [1, 2, 3]) await one(system());
    expect(told()).toBe(1);
    expect(await floorMs(system())).toBe(0);
    const { watermarks } = await system().stockAdminClient().listWatermarks({});
    expect(watermarks.map((watermark) => watermark.oldestUnsettledTime?.seconds)).toEqual([0n]);
  });
});
