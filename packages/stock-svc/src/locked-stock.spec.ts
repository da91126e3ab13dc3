import { txMessage } from '@txmsg/inbox/testing';
import { startStranger } from '@txmsg/stack/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestStack, type TestStack, until } from './test-support/test-stack.js';

let stack: TestStack;

beforeAll(async () => {
  // What is not tried again in the process itself comes again after the test's deadlines only.
  stack = await startTestStack({ TXMSG_STOCK_INVISIBLE_TIME: '300s', TXMSG_STOCK_MAX_ATTEMPTS: '1' });
  for (const productId of [1n, 2n]) {
    await stack.api.addStock({ productId, count: 1_000n, requestId: `seed-${productId}` });
  }
});
afterAll(() => stack.stop());

const names = (prefix: string) => Array.from({ length: 30 }, (_, index) => `${prefix}-${index}`);

it('a stock row that somebody keeps locked holds up its own orders, and they settle when it is free', {
  timeout: 180_000,
}, async () => {
  const stranger = await startStranger(
    stack.stock.url,
    'SELECT * FROM stock WHERE product_id = 1 FOR UPDATE',
  );
  const [held, free] = [names('held'), names('free')];
  for (const [index, txNo] of held.entries()) {
    // Alone, and together with a neighbour in one message.
    const messages = [txMessage(txNo, 1, 1), txMessage(free[index] ?? '', 2, 1)];
    if (index % 2 === 0) await stack.send({ txMessages: messages });
    else for (const message of messages) await stack.send({ txMessage: message });
  }
  await until('its neighbours settle', () => free.every((txNo) => stack.results.has(txNo)));
  expect(held.filter((txNo) => stack.results.has(txNo))).toEqual([]);
  await stranger.end();
  await until('its own orders settle', () => held.every((txNo) => stack.results.has(txNo)));
  expect(new Set([...stack.results.values()].flat())).toEqual(new Set(['APPLIED']));
  for (const productId of [1n, 2n]) {
    expect((await stack.api.getStock({ productId })).stock?.totalCount).toBe(970n);
  }
  expect((await stack.admin.listDeadLetters({})).deadLetters).toEqual([]);
  await until('all is acked', async () => {
    const { counters } = await stack.admin.getStatus({});
    return counters.applied === 60n && counters.unacked === 0n;
  });
});
