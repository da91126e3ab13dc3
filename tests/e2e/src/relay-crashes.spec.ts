import { type System, startSystem } from '@txmsg/testbed';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDoomed, untilDead } from './test-support/crashes.js';
import { outcomeOf, settled, submit, submitMany, taken } from './test-support/flow.js';
import { relayCount, relayCounts } from './test-support/relay-status.js';
import { sharedServers } from './test-support/shared-servers.js';

let system: System;

beforeAll(async () => {
  system = await startSystem({
    relays: 2,
    ...sharedServers(),
    env: {
      TXMSG_ORDER_FIRST_RELAY_DELAY: '1s',
      TXMSG_ORDER_MAX_RELAY_DELAY: '5s',
      TXMSG_ORDER_FENCE_TIME: '5s',
      TXMSG_RELAY_OUTBOX_IDLE_POLL: '500ms',
    },
  });
  for (const productId of [1n, 2n, 3n, 4n, 5n]) await system.addStock(productId, 100_000n);
});
afterAll(() => system?.stop());

const relay = (replica: number) => {
  const found = system.relays[replica];
  if (!found) throw new Error(`no relay ${replica}`);
  return found;
};

/** Every order that was committed is CONFIRMED, and the stock was taken once for each. */
async function expectEachOnce(productId: bigint, txNos: readonly string[]): Promise<void> {
  expect(await settled(system, txNos)).toEqual({ CONFIRMED: txNos.length, REJECTED: 0 });
  const { taken: pieces, logged } = await taken(system, productId);
  expect([pieces, logged]).toEqual([txNos.length, txNos.length]);
}

const submitted: string[] = [];

describe.each([{ size: 1 }, { size: 100 }])('a relay dies, with groups of up to $size', ({ size }) => {
  it.each([
    // What a crash leaves behind, seen at the relays that start after it.
    { failpoint: 'relay.prepared', while: 'submitting', leaves: 'check_backs_committed' },
    { failpoint: 'relay.outbox-claimed', while: 'publishing again', leaves: 'outbox_messages' },
    { failpoint: 'relay.outbox-prepared', while: 'publishing again', leaves: 'check_backs_committed' },
    { failpoint: 'relay.settled', while: 'submitting', leaves: 'results_already_settled' },
  ])('at $failpoint: no order is lost and none done twice', async ({ failpoint, while: phase, leaves }) => {
    await Promise.all(system.relays.map((service) => service.stop()));
    if (phase === 'publishing again') submitted.push(...(await submitMany(system, size)));
    await startDoomed(relay(0), `${failpoint}=exit`);
    await untilDead(relay(0), async () => {
      if (phase === 'submitting') submitted.push(...(await submitMany(system, size)));
    });
    await Promise.all(system.relays.map((service) => service.start({ TXMSG_FAILPOINTS: '' })));
    await expect.poll(() => relayCounts(system, leaves)).toBeGreaterThan(0);
    await expectEachOnce(1n, submitted);
  });
});

describe('two relays', () => {
  it('one dies with a half message in hand: the other sends another, and both are one order', async () => {
    await startDoomed(relay(0), 'relay.prepared=exit');
    const txNos: string[] = [];
    await untilDead(relay(0), async () => txNos.push(await submit(system, { productId: 2n })));
    // The first half message is orphaned, but its transaction is there.
    await expect.poll(() => relayCount(system, 'check_backs_committed', 1)).toBeGreaterThan(0);
    await expectEachOnce(2n, txNos);
    await relay(0).start({ TXMSG_FAILPOINTS: '' });
  });

  it('one prepares and dies, the other ends: COMMIT is delivered', async () => {
    const txNo = uuidv7();
    await expect
      .poll(async () => (await system.relayAdminClient(0).getStatus({})).brokerAvailable)
      .toBe(true);
    const { handle } = await system.relayClient(0).prepareTransaction({
      participant: 'order-svc',
      transactionId: uuidv7(),
      topic: system.messageTopic,
      body: Buffer.from(JSON.stringify({ txMessage: { productId: '3', payCount: 1, txNo } })),
      txNos: [txNo],
      createTime: { seconds: BigInt(Math.floor(Date.now() / 1000)) },
    });
    await relay(0).kill();
    await system.relayClient(1).endTransaction({ handle, resolution: 1 });
    // A check-back would have said ROLLBACK: the order service doesn't know this transaction.
    await expect.poll(() => outcomeOf(system, txNo)).toBe('APPLIED');
    await relay(0).start();
  });

  it('one dies between half and end of an order: the order service ends at the other', async () => {
    const txNo = uuidv7();
    const halves = () => Promise.all([0, 1].map((replica) => relayCount(system, 'half_messages', replica)));
    // Relay 0 has just been started again. Once both relays have sent half messages, the order service has found it.
    await expect
      .poll(async () => {
        await submit(system, { productId: 5n });
        return Math.min(...(await halves()));
      })
      .toBeGreaterThan(0);
    const before = await halves();
    const lock = await system.orderDb.getConnection();
    await lock.beginTransaction();
    await lock.query(
      `INSERT INTO tx_log (tx_no, create_time, transaction_id, state, next_relay_time, relay_count)
       VALUES (?, NOW(3), 'somebody else', 'SETTLED', NOW(3), 0)`,
      [txNo],
    );
    const answer = submit(system, { productId: 4n, txNo });
    await expect.poll(halves).not.toEqual(before);
    const holder = (await halves())[0] === before[0] ? 1 : 0;
    const other = 1 - holder;
    const ends = await relayCount(system, 'ends', other);
    await relay(holder).kill();
    await lock.rollback();
    lock.release();
    expect(await answer).toBe(txNo);
    await expect.poll(() => relayCount(system, 'ends', other)).toBeGreaterThan(ends);
    await expectEachOnce(4n, [txNo]);
    await relay(holder).start();
  });
});
