import { status as Code } from '@grpc/grpc-js';
import { TransactionLedger } from '@txmsg/contracts';
import { createGrpcClient } from '@txmsg/grpc';
import { type System, startSystem } from '@txmsg/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeOf } from './test-support/flow.js';
import { sharedServers } from './test-support/shared-servers.js';

let system: System;

/** A time that neither a database nor a Date can hold. */
const BEYOND = { seconds: 2n ** 62n, nanos: 0 };

async function drained(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

/** Reads the books of a service. */
async function exported(
  [service]: System['orders'],
  request: { txNos?: string[]; fromTime?: typeof BEYOND; toTime?: typeof BEYOND },
): Promise<void> {
  const client = createGrpcClient(TransactionLedger, service?.internalAddress ?? '');
  try {
    await drained(client.exportTransactions(request));
  } finally {
    client.close();
  }
}

beforeAll(async () => {
  system = await startSystem({ ...sharedServers() });
});
afterAll(() => system?.stop());

describe('requests that break a rule', () => {
  it.each([
    { name: 'product_id 0', call: () => system.orderClient().submitOrder({ productId: 0n, payCount: 1 }) },
    { name: 'pay_count 0', call: () => system.orderClient().submitOrder({ productId: 1n, payCount: 0 }) },
    {
      name: 'pay_count -500',
      call: () => system.orderClient().submitOrder({ productId: 1n, payCount: -500 }),
    },
    {
      name: 'pay_count 1,000,001',
      call: () => system.orderClient().submitOrder({ productId: 1n, payCount: 1_000_001 }),
    },
    {
      name: 'a tx_no of 65',
      call: () => system.orderClient().submitOrder({ productId: 1n, payCount: 1, txNo: 'a'.repeat(65) }),
    },
    {
      name: 'a tx_no with a slash',
      call: () => system.orderClient().submitOrder({ productId: 1n, payCount: 1, txNo: 'a/b' }),
    },
    { name: 'no key', call: () => system.orderClient().getOrder({}) },
    { name: 'page_size 1001', call: () => system.orderClient().listOrders({ pageSize: 1001 }) },
    { name: 'a page_token of nobody', call: () => system.orderClient().listOrders({ pageToken: 'rubbish' }) },
    { name: 'stock of product 0', call: () => system.stockClient().getStock({ productId: 0n }) },
    {
      name: 'adding nothing',
      call: () => system.stockClient().addStock({ productId: 1n, count: 0n, requestId: 'a' }),
    },
    { name: 'adding without a key', call: () => system.stockClient().addStock({ productId: 1n, count: 1n }) },
    { name: 'a stock transaction without tx_no', call: () => system.stockClient().getStockTransaction({}) },
    { name: 'a check of nothing', call: () => system.participantClient().checkTransaction({}) },
    {
      name: 'a claim of nothing',
      call: () => system.participantClient().claimUnsettled({ maxTransactions: 0 }),
    },
    {
      name: 'a handle of nobody',
      call: () => system.relayClient().endTransaction({ handle: Buffer.from('rubbish'), resolution: 1 }),
    },
    {
      name: 'a release of a key that is none',
      call: () => system.participantClient().releaseUnsettled({ txNos: ['ü'] }),
    },
    {
      name: 'the orders of a key that is none',
      call: () => exported(system.orders, { txNos: ['ü'] }),
    },
    {
      name: 'the stock transactions of a key that is none',
      call: () => exported(system.stocks, { txNos: ['ü'] }),
    },
    { name: 'orders from a time beyond all', call: () => exported(system.orders, { fromTime: BEYOND }) },
    {
      name: 'stock transactions to a time beyond all',
      call: () => exported(system.stocks, { toTime: BEYOND }),
    },
    {
      name: 'an audit from a time beyond all',
      call: () => drained(system.relayAdminClient().runAudit({ fromTime: BEYOND })),
    },
    {
      name: 'a check of a time beyond all',
      call: () => system.participantClient().checkTransaction({ transactionId: 'a', createTime: BEYOND }),
    },
    {
      name: 'a watermark beyond all',
      call: () =>
        system.stockAdminClient().reportWatermark({ participant: 'a', oldestUnsettledTime: BEYOND }),
    },
    {
      name: 'a preparation with a time beyond all',
      call: () =>
        system.relayClient().prepareTransaction({
          participant: 'order-svc',
          transactionId: 'a',
          topic: system.messageTopic,
          txNos: ['a'],
          body: Buffer.from('{}'),
          createTime: BEYOND,
        }),
    },
    {
      name: 'a preparation without body',
      call: () =>
        system
          .relayClient()
          .prepareTransaction({ participant: 'order-svc', transactionId: 'a', topic: 't', txNos: ['a'] }),
    },
  ])('$name: INVALID_ARGUMENT', async ({ call }) => {
    expect(await codeOf(call())).toBe(Code.INVALID_ARGUMENT);
  });

  it.each([
    {
      name: 'an order',
      call: () => system.orderClient().getOrder({ key: { case: 'txNo', value: 'nobody' } }),
    },
    {
      name: 'an order to watch',
      call: async () => {
        for await (const _ of system.orderClient().watchOrder({ key: { case: 'orderNo', value: 'nobody' } }));
      },
    },
    { name: 'a product', call: () => system.stockClient().getStock({ productId: 77n }) },
    { name: 'a stock transaction', call: () => system.stockClient().getStockTransaction({ txNo: 'nobody' }) },
  ])('NOT_FOUND: $name that is not there', async ({ call }) => {
    expect(await codeOf(call())).toBe(Code.NOT_FOUND);
  });

  it('adds stock once for each request_id', async () => {
    const request = { productId: 50n, count: 7n, requestId: 'once' };
    await system.stockClient().addStock(request);
    const { stock } = await system.stockClient().addStock(request);
    expect(stock).toMatchObject({ totalCount: 7n, addedTotal: 7n, takenTotal: 0n });
    expect(await codeOf(system.stockClient().addStock({ ...request, count: 8n }))).toBe(Code.ALREADY_EXISTS);
  });
});
