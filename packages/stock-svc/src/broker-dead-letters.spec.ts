import { txMessage } from '@txmsg/inbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestStack, type TestStack, until } from './test-support/test-stack.js';

let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack({ TXMSG_STOCK_DEAD_LETTER_INTERVAL: '1s' }, 1);
  await stack.api.addStock({ productId: 1n, count: 1_000n, requestId: 'seed-1' });
});
afterAll(() => stack.stop());

describe('a message that the broker has given up on', () => {
  it('comes to our dead letters as it was, and can be replayed', { timeout: 120_000 }, async () => {
    await stack.stock.select('ALTER TABLE tx_log ADD CONSTRAINT not_now CHECK (pay_count <> 77)');
    const body = { txMessage: txMessage('given-up', 1, 77) };
    await stack.send(body);
    let deadLetterId = 0n;
    await until(
      'the dead letter is there',
      async () => {
        const { deadLetters } = await stack.admin.listDeadLetters({});
        deadLetterId = deadLetters[0]?.deadLetterId ?? 0n;
        return deadLetters.length > 0;
      },
      100_000,
    );
    const { deadLetter } = await stack.admin.getDeadLetter({ deadLetterId });
    expect(deadLetter).toMatchObject({
      reason: 'BROKER_DEAD_LETTER',
      topic: '%DLQ%stock-svc',
      participant: 'order-svc',
      attempts: 1,
    });
    expect(JSON.parse(Buffer.from(deadLetter?.body ?? []).toString())).toEqual(body);
    expect(stack.results.has('given-up')).toBe(false);

    await stack.stock.select('ALTER TABLE tx_log DROP CONSTRAINT not_now');
    expect(await stack.admin.replayDeadLetter({ deadLetterId, actor: 'test' })).toMatchObject({ applied: 1 });
    await until('it is reported', () => stack.results.has('given-up'));
  });
});
