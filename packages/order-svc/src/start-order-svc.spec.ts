import { OrderService, TransactionLedger, TransactionParticipant } from '@txmsg/contracts';
import { Outcome } from '@txmsg/contracts/message';
import { OrderStatus } from '@txmsg/contracts/order';
import { createGrpcClient } from '@txmsg/grpc';
import { UnfitServerError } from '@txmsg/mysql';
import { loadConfig, type ServiceScope } from '@txmsg/service';
import { createConnection } from 'mysql2/promise';
import { pino } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { type OrderConfig, orderContradictions, orderSettings } from './config.js';
import { startOrderSvc } from './start-order-svc.js';
import { createOrderDatabase, type OrderDatabase } from './test-support/order-database.js';

let orderDatabase: OrderDatabase;
const closers: (() => Promise<void> | void)[] = [];
let stopping: AbortController;

beforeEach(async () => {
  orderDatabase = await createOrderDatabase();
  stopping = new AbortController();
});
afterEach(async () => {
  await stop();
  await orderDatabase.close();
});

async function stop(): Promise<void> {
  stopping.abort();
  for (const close of closers.splice(0).reverse()) await close();
}

function scope(): ServiceScope {
  return {
    logger: pino({ level: 'silent' }),
    signal: stopping.signal,
    onStop: (_name, close) => void closers.push(close),
  };
}

function configOf(url: string): OrderConfig {
  const env = {
    TXMSG_ORDER_DB_URL: url,
    TXMSG_ORDER_GRPC_PORT: '0',
    TXMSG_ORDER_INTERNAL_PORT: '0',
    TXMSG_RELAY_ADDRESSES: '127.0.0.1:1',
  };
  return { ...loadConfig(orderSettings, env, orderContradictions), grpcPort: 0, internalPort: 0 };
}

describe('an order service in this process', () => {
  it('takes orders, hands them to relays, settles them, and shows its books', async () => {
    const { grpcPort, internalPort } = await startOrderSvc(configOf(orderDatabase.url), scope());
    const orders = createGrpcClient(OrderService, `127.0.0.1:${grpcPort}`);
    const participant = createGrpcClient(TransactionParticipant, `127.0.0.1:${internalPort}`);
    const ledger = createGrpcClient(TransactionLedger, `127.0.0.1:${internalPort}`);
    closers.push(() => [orders, participant, ledger].forEach((client) => void client.close()));
    const [kept, refused] = [uuidv7(), uuidv7()];
    for (const txNo of [kept, refused])
      expect(await orders.submitOrder({ txNo, productId: 7n, payCount: 2 })).toMatchObject({
        status: OrderStatus.PENDING,
      });
    const { groups } = await participant.claimUnsettled({ maxTransactions: 10 });
    expect(groups).toMatchObject([{ topic: 'topic_txmsg', type: 'TakeStock' }]);
    expect(groups[0]?.txNos.toSorted()).toEqual([kept, refused].toSorted());
    const waiting = orders.submitOrder({ txNo: kept, productId: 7n, payCount: 2, waitForOutcome: true });
    const results = [
      { txNo: kept, outcome: Outcome.APPLIED },
      { txNo: refused, outcome: Outcome.REJECTED, reason: 'INSUFFICIENT_STOCK' },
    ];
    expect(await participant.settleTransactions({ results, consumer: 'stock-svc' })).toMatchObject({
      settled: 2,
    });
    expect(await waiting).toMatchObject({ status: OrderStatus.CONFIRMED });
    const { order } = await orders.getOrder({ key: { case: 'txNo', value: refused } });
    expect(order).toMatchObject({ status: OrderStatus.REJECTED, statusReason: 'INSUFFICIENT_STOCK' });
    expect(await participant.listStuck({})).toMatchObject({ transactions: [], nextPageToken: '' });
    const { totals } = await ledger.exportTotals({});
    expect(totals).toMatchObject([{ account: 'product/7', applied: 2n, pending: 0n }]);
  });

  it('lists its orders page by page, and refuses a token of its own making', async () => {
    const { grpcPort } = await startOrderSvc(configOf(orderDatabase.url), scope());
    const orders = createGrpcClient(OrderService, `127.0.0.1:${grpcPort}`);
    closers.push(() => orders.close());
    const txNos = [uuidv7(), uuidv7(), uuidv7()];
    for (const txNo of txNos) await orders.submitOrder({ txNo, productId: 7n, payCount: 2 });
    const listed: string[] = [];
    for (let pageToken = ''; ; ) {
      const page = await orders.listOrders({ pageSize: 2, pageToken });
      listed.push(...page.orders.map(({ txNo }) => txNo));
      pageToken = page.nextPageToken;
      if (pageToken === '') break;
    }
    expect(listed).toEqual([...txNos].reverse());
    await expect(orders.listOrders({ pageToken: 'djE6MDE' })).rejects.toMatchObject({ code: 3 });
  });

  it('writes what it has accepted before it stops, and leaves nothing open', async () => {
    const { grpcPort } = await startOrderSvc(configOf(orderDatabase.url), scope());
    const orders = createGrpcClient(OrderService, `127.0.0.1:${grpcPort}`);
    const txNo = uuidv7();
    const accepted = orders.submitOrder({ txNo, productId: 7n, payCount: 2 });
    expect(await accepted).toMatchObject({ txNo });
    await stop();
    await expect(orders.submitOrder({ txNo, productId: 7n, payCount: 2 })).rejects.toMatchObject({
      code: 14,
    });
    orders.close();
  });

  it('does not start on a database that was not migrated', async () => {
    const name = `empty-${uuidv7()}`;
    const server = await createConnection(`mysql://txmsg:txmsg@${inject('databaseAddress')}`);
    await server.query(`CREATE DATABASE \`${name}\``);
    await server.end();
    const url = `mysql://txmsg:txmsg@${inject('databaseAddress')}/${name}`;
    await expect(startOrderSvc(configOf(url), scope())).rejects.toBeInstanceOf(UnfitServerError);
  });
});
