import { status as Code } from '@grpc/grpc-js';
import { type System, startSystem } from '@txmsg/testbed';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { codeOf, settled, statusOf, submit, taken } from './test-support/flow.js';
import { relayCount } from './test-support/relay-status.js';

let system: System;

beforeAll(async () => {
  system = await startSystem({
    proxied: true,
    databaseAddress: inject('databaseAddress'),
    env: {
      TXMSG_ORDER_FIRST_RELAY_DELAY: '1s',
      TXMSG_ORDER_MAX_RELAY_DELAY: '5s',
      TXMSG_ORDER_FENCE_TIME: '5s',
      TXMSG_ORDER_RELAY_TIMEOUT: '1s',
      TXMSG_STOCK_MAX_ATTEMPTS: '1',
    },
  });
  for (const productId of [1n, 2n, 3n]) await system.addStock(productId, 1_000_000n);
});
afterAll(() => system?.stop());

function link(name: string) {
  const found = system.network.links.get(name);
  if (!found) throw new Error(`no link ${name}`);
  return found;
}

/** Submits orders one after the other. Returns them, and the median time of a call in milliseconds. */
async function submitSlowly(): Promise<{ txNos: string[]; medianMs: number }> {
  const txNos: string[] = [];
  const times: number[] = [];
  while (txNos.length < 100) {
    const startedAt = performance.now();
    txNos.push(await submit(system));
    times.push(performance.now() - startedAt);
  }
  return { txNos, medianMs: times.sort((a, b) => a - b)[50] ?? Number.NaN };
}

describe('SubmitOrder answers as fast as ever, and the outbox brings the orders', () => {
  it.each([
    {
      name: 'the relay is unreachable',
      begin: () => link('order-svc-0→relay-0').drop(),
      end: () => link('order-svc-0→relay-0').restore(),
    },
    {
      name: 'the relay refuses connections',
      begin: () => link('order-svc-0→relay-0').cut(),
      end: () => link('order-svc-0→relay-0').restore(),
    },
    {
      name: 'the broker is slow',
      begin: () => link('relay-0→broker').slow(500),
      end: () => link('relay-0→broker').slow(0),
    },
    { name: 'the broker is frozen', begin: () => system.broker.pause(), end: () => system.broker.resume() },
    { name: 'the broker is down', begin: () => system.broker.kill(), end: () => system.broker.start() },
  ])('while $name', async ({ begin, end }) => {
    const before = await taken(system, 1n);
    const well = await submitSlowly();
    await begin();
    const ill = await submitSlowly();
    await end();
    // This is no performance figure: an answer that waited would take at least half a second.
    expect(ill.medianMs).toBeLessThan(well.medianMs + 250);
    expect(await settled(system, [...well.txNos, ...ill.txNos])).toEqual({ CONFIRMED: 200, REJECTED: 0 });
    expect((await taken(system, 1n)).taken - before.taken).toBe(200);
  });
});

describe('a connection that fails at the worst moment', () => {
  it('the reply to COMMIT is lost: in doubt, never rolled back, and one order when the caller retries', async () => {
    const [service] = system.orders;
    await service?.stop();
    await service?.start({ TXMSG_FAILPOINTS: 'order.before-commit=pause:1500@1' });
    const txNo = uuidv7();
    const answer = codeOf(submit(system, { productId: 2n, txNo }));
    await expect.poll(() => service?.log()).toContain('"failpoint":"order.before-commit"');
    link('order-svc-0→order-db').dropReplies();
    expect(await answer).toBe(Code.UNAVAILABLE);
    link('order-svc-0→order-db').restore();
    const [rows] = await system.orderDb.query('SELECT tx_no FROM orders WHERE tx_no = ?', [txNo]);
    expect(rows).toHaveLength(1);
    await expect.poll(() => submit(system, { productId: 2n, txNo })).toBe(txNo);
    expect(await settled(system, [txNo])).toEqual({ CONFIRMED: 1, REJECTED: 0 });
    expect(await taken(system, 2n)).toMatchObject({ taken: 1, logged: 1 });
    await service?.stop();
    await service?.start({ TXMSG_FAILPOINTS: '' });
  });

  it('outcomes can not be brought to the order service: they wait for it', async () => {
    const settledBefore = await relayCount(system, 'results_settled');
    link('relay-0→order-svc-0').cut();
    const txNo = await submit(system, { productId: 2n });
    await expect.poll(async () => (await taken(system, 2n)).taken).toBe(2);
    expect(await statusOf(system, txNo)).toBe('PENDING');
    expect(await relayCount(system, 'results_settled')).toBe(settledBefore);
    link('relay-0→order-svc-0').restore();
    expect(await settled(system, [txNo])).toEqual({ CONFIRMED: 1, REJECTED: 0 });
  });
});

describe('an order that the stock side can not apply', () => {
  it('is a dead letter; replayed it is CONFIRMED, dropped it is REJECTED', async () => {
    const admin = system.stockAdminClient();
    await system.stockDb.query('ALTER TABLE tx_log ADD CONSTRAINT not_now CHECK (pay_count NOT IN (77, 78))');
    const replayed = await submit(system, { productId: 3n, payCount: 77 });
    const dropped = await submit(system, { productId: 3n, payCount: 78 });
    const letterOf = async (txNo: string) => {
      const { deadLetters } = await admin.listDeadLetters({});
      const letters = await Promise.all(
        deadLetters.map(({ deadLetterId }) => admin.getDeadLetter({ deadLetterId })),
      );
      const found = letters.find(({ deadLetter }) =>
        Buffer.from(deadLetter?.body ?? []).includes(`"txNo":"${txNo}"`),
      );
      return found?.deadLetter;
    };
    for (const txNo of [replayed, dropped]) {
      await expect.poll(async () => (await letterOf(txNo))?.reason).toBe('APPLY_FAILED');
      expect(await statusOf(system, txNo)).toBe('PENDING');
    }
    await system.stockDb.query('ALTER TABLE tx_log DROP CONSTRAINT not_now');
    const ids = await Promise.all(
      [replayed, dropped].map(async (txNo) => (await letterOf(txNo))?.deadLetterId),
    );
    await admin.dropDeadLetter({ deadLetterId: ids[1] ?? 0n, actor: 'test' });
    await admin.replayDeadLetter({ deadLetterId: ids[0] ?? 0n, actor: 'test' });
    expect(await settled(system, [replayed, dropped])).toEqual({ CONFIRMED: 1, REJECTED: 1 });
    expect(await statusOf(system, dropped)).toBe('REJECTED');
    expect(await taken(system, 3n)).toMatchObject({ taken: 77, logged: 77 });
    const { actions } = await admin.listAdminActions({});
    expect(actions.map(({ action, actor }) => `${action} ${actor}`)).toEqual([
      'DROP_DEAD_LETTER test',
      'REPLAY_DEAD_LETTER test',
    ]);
  });
});
