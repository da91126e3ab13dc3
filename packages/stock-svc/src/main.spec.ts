import { Outcome } from '@txmsg/contracts/message';
import { txMessage } from '@txmsg/inbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestStack, type TestStack, until } from './test-support/test-stack.js';

let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack();
  await stack.api.addStock({ productId: 1n, count: 100_000n, requestId: 'seed-1' });
});
afterAll(() => stack.stop());

/** Pieces left of product 1. */
async function left(): Promise<bigint | undefined> {
  return (await stack.api.getStock({ productId: 1n })).stock?.totalCount;
}

/** Waits until each of the txNos has an outcome on the result topic. */
async function reported(txNos: readonly string[]): Promise<void> {
  await until('outcomes are reported', () => txNos.every((txNo) => stack.results.has(txNo)));
}

describe('the stock service with a real broker and database', () => {
  it('takes the stock of a message, shows it, and reports it', async () => {
    await stack.send({ txMessage: { productId: '1', payCount: 2, txNo: 'first' } });
    await reported(['first']);
    const { transaction } = await stack.api.getStockTransaction({ txNo: 'first' });
    expect(transaction).toMatchObject({ productId: 1n, payCount: 2, outcome: Outcome.APPLIED, reason: '' });
    expect(await left()).toBe(99_998n);
    expect(stack.results.get('first')).toEqual(['APPLIED']);
  });

  it('takes a message that comes three times once', async () => {
    const before = await left();
    const body = { txMessages: [txMessage('thrice', 1, 1), txMessage('scarce', 1, 1_000_000)] };
    for (let copy = 1; copy <= 3; copy += 1) await stack.send(body);
    await until('all copies are handled', async () => {
      const { counters } = await stack.admin.getStatus({});
      return counters.duplicates === 4n;
    });
    await reported(['thrice', 'scarce']);
    // Copies that were received together are reported together.
    expect(new Set(stack.results.get('thrice'))).toEqual(new Set(['APPLIED']));
    expect(new Set(stack.results.get('scarce'))).toEqual(new Set(['REJECTED INSUFFICIENT_STOCK']));
    expect(await left()).toBe((before ?? 0n) - 1n);
  });

  it('puts a body that is not JSON to the dead letters and handles the next message', async () => {
    await stack.send('this is not JSON');
    await stack.send({ txMessage: txMessage('after-bad', 1, 1) });
    await reported(['after-bad']);
    await until('the dead letter is there', async () => {
      const { deadLetters } = await stack.admin.listDeadLetters({});
      return deadLetters.some(({ reason, attempts }) => reason === 'NOT_JSON' && attempts === 1);
    });
  });

  it('goes on by itself after its database was killed under load, and loses and doubles nothing', async () => {
    const before = (await left()) ?? 0n;
    const txNos = Array.from({ length: 300 }, (_, index) => `db-kill-${index}`);
    const sending = sendAll(txNos);
    await until('some are applied', () => stack.results.has('db-kill-20'));
    await stack.server.kill();
    await until('it says that it is not ready', async () => !(await serving()));
    await sending;
    await stack.server.start();
    await reported(txNos);
    expect(await left()).toBe(before - 300n);
    const { deadLetters } = await stack.admin.listDeadLetters({});
    expect(deadLetters.filter(({ reason }) => reason !== 'NOT_JSON')).toEqual([]);
  });

  it('goes on by itself after the broker was killed under load', async () => {
    const before = (await left()) ?? 0n;
    const txNos = Array.from({ length: 200 }, (_, index) => `mq-kill-${index}`);
    const sending = sendAll(txNos);
    await until('some are applied', () => stack.results.has('mq-kill-20'));
    await stack.broker.kill();
    await stack.broker.start();
    await sending;
    await reported(txNos);
    expect(await left()).toBe(before - 200n);
  });

  it('finishes what it has in hand at SIGTERM', async () => {
    const before = (await left()) ?? 0n;
    const txNos = Array.from({ length: 200 }, (_, index) => `term-${index}`);
    const sending = sendAll(txNos);
    await until('some are applied', () => stack.results.has('term-20'));
    await stack.service.stop();
    await sending;
    await stack.service.start();
    await reported(txNos);
    expect(await left()).toBe(before - 200n);
    const twice = txNos.filter((txNo) => stack.results.get(txNo)?.length !== 1);
    expect(twice).toEqual([]);
  });
});

describe.each(['stock.before-commit', 'stock.after-commit', 'stock.after-publish'])(
  'killed at %s',
  (point) => {
    it('takes everything once after its restart', async () => {
      const before = (await left()) ?? 0n;
      const txNos = Array.from({ length: 100 }, (_, index) => `${point}-${index}`);
      await stack.service.stop();
      await stack.service.start({ TXMSG_FAILPOINTS: `${point}=exit@2` });
      const exited = stack.service.exited();
      await sendAll(txNos);
      await exited;
      await stack.service.start({ TXMSG_FAILPOINTS: '' });
      await reported(txNos);
      expect(await left()).toBe(before - 100n);
      expect(txNos.filter((txNo) => new Set(stack.results.get(txNo)).size !== 1)).toEqual([]);
    });
  },
);

/** Sends each as a message of its own, one after the other. */
async function sendAll(txNos: readonly string[]): Promise<void> {
  for (const txNo of txNos) await stack.send({ txMessage: txMessage(txNo, 1, 1) });
}

/** False when a call is refused since the database is away. */
async function serving(): Promise<boolean> {
  try {
    await stack.api.getStock({ productId: 1n });
    return true;
  } catch {
    return false;
  }
}
