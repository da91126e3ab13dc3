import type { BulkAnswer, SubmitOrdersResponse } from '@txmsg/contracts/order';
import { createSubscriber } from '@txmsg/rocketmq';
import { type System, startSystem } from '@txmsg/testbed';
import { pino } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  codeOf,
  createForeignProducer,
  outcomeOf,
  settled,
  statusOf,
  submit,
  taken,
} from './test-support/flow.js';
import { sharedServers } from './test-support/shared-servers.js';

let system: System;
let producer: ReturnType<typeof createForeignProducer>;

beforeAll(async () => {
  system = await startSystem({ orders: 2, relays: 2, stocks: 2, ...sharedServers() });
  for (const productId of [1n, 2n, 3n, 4n, 5n, 6n, 13n])
    await system.addStock(productId, productId === 2n ? 100n : 100_000n);
  producer = createForeignProducer(system);
});
afterAll(async () => {
  await producer?.close();
  await system?.stop();
});

describe('the life of an order', () => {
  it('goes from submit through the half message to the stock and back', async () => {
    const txNo = await submit(system, { payCount: 2 });
    await expect.poll(() => outcomeOf(system, txNo)).toBe('APPLIED');
    await expect.poll(() => statusOf(system, txNo)).toBe('CONFIRMED');
    expect(await taken(system, 1n)).toMatchObject({ left: 99_998, taken: 2, logged: 2 });
  });

  it('can be found on the broker by its txNo', async () => {
    const txNo = await submit(system);
    await expect
      .poll(async () => (await system.broker.queryByKey(system.messageTopic, txNo)).length)
      .toBeGreaterThan(0);
    const [message] = await system.broker.queryByKey(system.messageTopic, txNo);
    expect(JSON.parse(message?.body ?? '')).toMatchObject({
      txMessage: { txNo, productId: '1', payCount: 1 },
    });
  });

  it('answers with the outcome when the caller waits for it', async () => {
    const applied = await system
      .orderClient()
      .submitOrder({ productId: 1n, payCount: 1, waitForOutcome: true });
    expect(applied).toMatchObject({ status: 2, statusReason: '' });
    const rejected = await system
      .orderClient(1)
      .submitOrder({ productId: 999n, payCount: 1, waitForOutcome: true });
    expect(rejected).toMatchObject({ status: 3, statusReason: 'UNKNOWN_PRODUCT' });
  });

  it('shows the outcome to a watcher at another replica', async () => {
    const txNo = uuidv7();
    await submit(system, { txNo }, 0);
    const seen: number[] = [];
    for await (const { order } of system.orderClient(1).watchOrder({ key: { case: 'txNo', value: txNo } })) {
      seen.push(order?.status ?? 0);
    }
    expect(seen.at(-1)).toBe(2);
  });

  it('keeps abc and ABC two orders to the end', async () => {
    await Promise.all([
      submit(system, { txNo: 'abc', productId: 3n }),
      submit(system, { txNo: 'ABC', productId: 3n, payCount: 2 }),
    ]);
    expect(await settled(system, ['abc', 'ABC'])).toEqual({ CONFIRMED: 2, REJECTED: 0 });
    expect(await taken(system, 3n)).toMatchObject({ taken: 3, logged: 3 });
  });

  it('takes exactly what is there: 200 orders at once, stock for 100', async () => {
    const txNos = await Promise.all(
      Array.from({ length: 200 }, (_, i) => submit(system, { productId: 2n }, i % 2)),
    );
    expect(await settled(system, txNos)).toEqual({ CONFIRMED: 100, REJECTED: 100 });
    expect(await taken(system, 2n)).toEqual({ left: 0, taken: 100, logged: 100 });
    const { orders } = await system.orderClient().listOrders({ pageSize: 1000, status: 3 });
    const reasons = orders
      .filter(({ productId }) => productId === 2n)
      .map(({ statusReason }) => statusReason);
    expect(new Set(reasons)).toEqual(new Set(['INSUFFICIENT_STOCK']));
  });

  it('accepts a bulk stream, answers each order, and an error of one ends nothing', async () => {
    const stream = system.orderClient().submitOrders();
    const txNos = Array.from({ length: 500 }, () => uuidv7());
    for (const txNo of txNos) stream.write({ txNo, productId: 4n, payCount: 1 });
    stream.write({ txNo: 'bad', productId: 4n, payCount: 0 });
    stream.end();
    const answers = new Map<string, string | undefined>();
    for await (const { txNo, result } of stream) answers.set(txNo, result.case);
    expect(answers.size).toBe(501);
    expect(answers.get('bad')).toBe('error');
    expect(txNos.every((txNo) => answers.get(txNo) === 'order')).toBe(true);
    expect(await settled(system, txNos)).toEqual({ CONFIRMED: 500, REJECTED: 0 });
    expect(await taken(system, 4n)).toMatchObject({ taken: 500, logged: 500 });
  });

  it('answers each of the orders of a message by itself', async () => {
    const stream = system.orderClient().submitOrders();
    const txNos = Array.from({ length: 999 }, () => uuidv7());
    const [first = '', second = ''] = txNos;
    const order = (txNo: string, payCount = 1) => ({ txNo, productId: 13n, payCount });
    stream.write({ ...order(first), more: txNos.slice(1).map((txNo) => order(txNo)) });
    // A second message: first a bad order, then a known one, one with other content, and another bad one.
    const twice = uuidv7();
    const mixed = [order(second), order(first, 7), order(''), order(twice), order(twice), order(twice, 2)];
    stream.write({ ...order('bad', 0), more: mixed });
    // None of these is placed.
    stream.write({ ...order('a'), more: Array.from({ length: 1_000 }, () => order('b')) });
    stream.end();
    const responses: SubmitOrdersResponse[] = [];
    for await (const response of stream) responses.push(response);
    const byTxNo = new Map(responses.map((response) => [response.txNo, [response, ...response.more]]));
    expect(byTxNo.get(first)?.map(({ txNo, result }) => [txNo, result.case])).toEqual(
      txNos.map((txNo) => [txNo, 'order']),
    );
    expect(byTxNo.get('bad')?.map((answer) => [answer.txNo, readCode(answer)])).toEqual([
      ['bad', 3],
      [second, 0],
      [first, 6],
      ['', 3],
      [twice, 0],
      [twice, 0],
      [twice, 6],
    ]);
    expect(byTxNo.get('a')?.map(readCode)).toEqual([3]);
    expect(responses).toHaveLength(3);
    expect(await codeOf(system.orderClient().getOrder({ key: { case: 'txNo', value: 'a' } }))).toBe(5);
    expect(await settled(system, [...txNos, twice])).toEqual({ CONFIRMED: 1_000, REJECTED: 0 });
    expect(await taken(system, 13n)).toMatchObject({ taken: 1_000, logged: 1_000 });
  });
});

/** The gRPC code of an answer on a bulk stream; 0 for an order. */
function readCode(answer: Pick<BulkAnswer, 'result'> | undefined): number | undefined {
  if (answer?.result.case === 'order') return 0;
  return answer?.result.value?.code;
}

describe('one tx_no', () => {
  it('gives one order however often it is submitted, on two replicas at the same time, 50 times', async () => {
    const txNos: string[] = [];
    for (let round = 0; round < 50; round += 1) {
      const request = { productId: 5n, payCount: 1, txNo: uuidv7() };
      const answers = await Promise.all(
        [0, 1, 0].map((replica) => system.orderClient(replica).submitOrder(request)),
      );
      expect(new Set(answers.map(({ orderNo }) => orderNo)).size).toBe(1);
      txNos.push(request.txNo);
    }
    expect(await settled(system, txNos)).toEqual({ CONFIRMED: 50, REJECTED: 0 });
    expect(await taken(system, 5n)).toMatchObject({ taken: 50, logged: 50 });
  });

  it('is refused with other content', async () => {
    const txNo = await submit(system);
    expect(await codeOf(submit(system, { txNo, payCount: 7 }, 1))).toBe(6);
  });
});

describe('what others publish', () => {
  it('takes the body of a Java producer, with numbers or strings', async () => {
    const [a, b] = [uuidv7(), uuidv7()];
    await producer.publish(JSON.stringify({ txMessage: { productId: 6, payCount: 2, txNo: a } }));
    await producer.publish(
      JSON.stringify({ txMessage: { productId: '6', payCount: '3', txNo: b, extra: 'ignored' } }),
    );
    await expect
      .poll(() => Promise.all([outcomeOf(system, a), outcomeOf(system, b)]))
      .toEqual(['APPLIED', 'APPLIED']);
    expect(await taken(system, 6n)).toMatchObject({ taken: 5 });
  });

  it('records what it cannot read, acks it, and handles the next message', async () => {
    const next = uuidv7();
    await producer.publish('this is not JSON');
    await producer.publish(JSON.stringify({ txMessage: { productId: 6, payCount: -5, txNo: uuidv7() } }));
    await producer.publish(
      JSON.stringify({ txMessage: { productId: 6, payCount: 1, txNo: 'no spaces allowed' } }),
    );
    await producer.publish(JSON.stringify({ txMessage: { productId: 6, payCount: 1, txNo: next } }));
    await expect.poll(() => outcomeOf(system, next)).toBe('APPLIED');
    await expect
      .poll(async () => (await system.stockAdminClient().listDeadLetters({})).deadLetters.length)
      .toBe(3);
    expect((await taken(system, 6n)).taken).toBe(6);
  });

  it('takes stock once for a message delivered three times, and to two consumers at once', async () => {
    const txNo = await submit(system, { productId: 6n, payCount: 10 });
    expect(await settled(system, [txNo])).toEqual({ CONFIRMED: 1, REJECTED: 0 });
    const [message] = await system.broker.queryByKey(system.messageTopic, txNo);
    const again = () => producer.publish(message?.body ?? '', { participant: 'order-svc', kind: 'outbox' });
    await Promise.all([again(), again(), again()]);
    const last = await submit(system, { productId: 6n });
    await settled(system, [last]);
    await system.broker.resetOffset(system.stockGroup, system.messageTopic, 0);
    await settled(system, [await submit(system, { productId: 6n })]);
    expect(await taken(system, 6n)).toMatchObject({ taken: 18, logged: 18 });
  });

  it('publishes one participant a result message, in the documented format', async () => {
    const results = createSubscriber({
      endpoints: system.broker.endpoints,
      topic: system.resultTopic,
      group: system.stockGroup,
      logger: pino({ level: 'silent' }),
    });
    const txNo = await submit(system);
    const found: unknown[] = [];
    await expect
      .poll(async () => {
        const messages = await results.receive({
          maxMessages: 32,
          invisibleMs: 10_000,
          waitMs: 1_000,
          signal: AbortSignal.timeout(20_000),
        });
        await results.ack(messages);
        const bodies = messages.map(
          ({ body }) => JSON.parse(body.toString()) as { txResults: { txNo: string }[] },
        );
        found.push(...bodies.filter(({ txResults }) => txResults.some((result) => result.txNo === txNo)));
        return found.length;
      })
      .toBeGreaterThan(0);
    expect(found[0]).toMatchObject({
      participant: 'order-svc',
      txResults: expect.arrayContaining([{ txNo, outcome: 'APPLIED' }]),
    });
    await results.close();
  });
});
