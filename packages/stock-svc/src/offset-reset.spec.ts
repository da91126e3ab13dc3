import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { txMessage } from '@txmsg/inbox/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestStack, type TestStack, until } from './test-support/test-stack.js';

let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack({
    TXMSG_STOCK_RETENTION: '1s',
    TXMSG_STOCK_RETENTION_INTERVAL: '100ms',
  });
  await stack.api.addStock({ productId: 1n, count: 1_000n, requestId: 'seed-1' });
});
afterAll(() => stack.stop());

describe('an offset reset after everything was forgotten', () => {
  it('brings every message again, and none is applied', async () => {
    const txNos = Array.from({ length: 50 }, (_, index) => `forgotten-${index}`);
    for (const txNo of txNos) await stack.send({ txMessage: txMessage(txNo, 1, 1) });
    await until('all are reported', () => txNos.every((txNo) => stack.results.has(txNo)));
    await until('all are forgotten', async () => {
      await stack.admin.reportWatermark({
        participant: 'order-svc',
        oldestUnsettledTime: timestampFromMs(Date.now()),
      });
      return (await stack.stock.select('SELECT tx_no FROM tx_log')).length === 0;
    });

    await stack.service.stop();
    await stack.broker.resetOffset('stock-svc', 'topic_txmsg', 0);
    await stack.service.start();
    await stack.send({ txMessage: txMessage('after-reset', 1, 1) });
    await until('the new message is reported', () => stack.results.has('after-reset'));
    await until('the broker has nothing left', async () => {
      const { lag } = await stack.broker.progress('stock-svc');
      return lag === 0;
    });
    await stack.service.stop();
    expect(lastCounters()).toMatchObject({ applied: 1, belowFloor: 50, deadLetters: 0 });
    await stack.service.start();

    const { stock } = await stack.api.getStock({ productId: 1n });
    expect(stock?.takenTotal).toBe(51n);
    expect(txNos.filter((txNo) => stack.results.get(txNo)?.length !== 1)).toEqual([]);
  });
});

/** What the service said at its last stop. */
function lastCounters(): unknown {
  const lines = stack.service.log().split('\n');
  const last = lines.findLast((line) => line.includes('"counters"'));
  return last && JSON.parse(last).counters;
}
