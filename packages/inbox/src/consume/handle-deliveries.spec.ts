import { changeRows, type Database, selectRows } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { floorReachMs } from '../domain/next-floor.js';
import { createStockDatabase, type StockDatabase } from '../test-support/shelf-database.js';
import { createTestApplier, createTestHandler, type TestHandler } from '../test-support/test-handler.js';
import { delivery, single, txMessage } from '../testing/deliveries.js';

const applied = { outcome: 'APPLIED', reason: '' };
const insufficient = { outcome: 'REJECTED', reason: 'INSUFFICIENT_STOCK' };

let stock: StockDatabase;
let handler: TestHandler;
let nextProduct = 1n;
let nextName = 0;

/** A product that no other test uses. */
async function product(count: number): Promise<bigint> {
  nextProduct += 1n;
  const productId = nextProduct;
  await stock.seed(productId, count);
  return productId;
}

function name(): string {
  nextName += 1;
  return `tx-${nextName}`;
}

async function records(txNo: string) {
  return stock.select<{ outcome: string; reason: string }>(
    `SELECT outcome, reason FROM tx_log WHERE tx_no = '${txNo}'`,
  );
}

beforeAll(async () => {
  stock = await createStockDatabase();
});
beforeEach(() => {
  handler = createTestHandler(stock.database);
});
afterAll(() => stock.close());

describe('handleDeliveries', () => {
  it('takes the stock, records it and reports it', async () => {
    const productId = await product(10);
    const txNo = name();
    const [handled] = await handler.handle([single(txNo, productId, 3)]);
    expect(handled?.done).toBe(true);
    expect(await stock.stockOf(productId)).toMatchObject({ totalCount: 7n, addedTotal: 10n, takenTotal: 3n });
    expect(await records(txNo)).toEqual([applied]);
    expect(handler.published).toMatchObject([
      { participant: 'order-svc', outcomes: new Map([[txNo, applied]]) },
    ]);
  });

  it('takes the same message once, delivered three times and within one receive', async () => {
    const productId = await product(10);
    const txNo = name();
    const message = single(txNo, productId, 3);
    await handler.handle([message, message]);
    for (let repeat = 2; repeat <= 3; repeat += 1) await handler.handle([{ ...message, attempt: repeat }]);
    expect((await stock.stockOf(productId))?.totalCount).toBe(7n);
    expect(handler.published).toHaveLength(3);
    expect(handler.outcomeOf(txNo)).toEqual(applied);
    expect(handler.counters).toMatchObject({ applied: 1, duplicates: 3 });
  });

  it('takes it once when two consumers have it at once, many times', async () => {
    const other = createTestHandler(stock.connect());
    const productId = await product(10_000);
    for (let round = 0; round < 30; round += 1) {
      const group = Array.from({ length: 5 }, () => txMessage(name(), productId, 1));
      // The second consumer has them in another order, in messages of their own.
      const singly = [...group].reverse().map((entry) => delivery({ txMessage: entry }));
      await Promise.all([handler.handle([delivery({ txMessages: group })]), other.handle(singly)]);
      for (const { txNo } of group) {
        expect(handler.outcomeOf(txNo)).toEqual(applied);
        expect(other.outcomeOf(txNo)).toEqual(applied);
      }
    }
    expect(await stock.stockOf(productId)).toMatchObject({ totalCount: 9_850n, takenTotal: 150n });
    expect(handler.counters.applied + other.counters.applied).toBe(150);
  });

  it('serves exactly 100 of 200 concurrent orders when there is stock for 100', async () => {
    const productId = await product(100);
    const pool = stock.connect();
    const handlers = [handler, createTestHandler(pool), createTestHandler(pool), createTestHandler(pool)];
    const txNos = Array.from({ length: 200 }, name);
    await Promise.all(txNos.map((txNo, index) => handlers[index % 4]?.handle([single(txNo, productId, 1)])));
    const outcomes = txNos.map((txNo, index) => handlers[index % 4]?.outcomeOf(txNo)?.outcome);
    expect(outcomes.filter((outcome) => outcome === 'APPLIED')).toHaveLength(100);
    expect(outcomes.filter((outcome) => outcome === 'REJECTED')).toHaveLength(100);
    expect(await stock.stockOf(productId)).toMatchObject({ totalCount: 0n, takenTotal: 100n });
  });

  it('keeps abc and ABC apart', async () => {
    const productId = await product(10);
    await handler.handle([single('case-abc', productId, 1)]);
    await handler.handle([single('case-ABC', productId, 2)]);
    expect((await stock.stockOf(productId))?.totalCount).toBe(7n);
    expect(handler.counters).toMatchObject({ applied: 2, duplicates: 0 });
  });

  it('takes a hot product of 400 orders with one update and one insert', async () => {
    const productId = await product(1_000);
    const deliveries = Array.from({ length: 4 }, () =>
      delivery({ txMessages: Array.from({ length: 100 }, () => txMessage(name(), productId, 2)) }),
    );
    // As the rounds of forgetting keep it.
    await stock.database.run((db) =>
      changeRows(db, sql`UPDATE retention SET floor = NOW(3) - INTERVAL 7 DAY`),
    );
    const oneConnection = stock.connect({ connections: 1 });
    const applyGroup = createTestApplier(oneConnection, { floorReachMs: floorReachMs(60_000, 5_000) });
    const lone = createTestHandler(oneConnection, { applyGroup });
    await lone.detectColumns();
    const before = await statementCounts(oneConnection);
    await lone.handle(deliveries);
    const after = await statementCounts(oneConnection);
    expect(after.update - before.update).toBe(1);
    expect(after.insert - before.insert).toBe(1);
    // The participant, once a minute; the floor, the dedupe, and the stock.
    expect(after.select - before.select).toBe(4);
    expect(await stock.stockOf(productId)).toMatchObject({ totalCount: 200n, takenTotal: 800n });
    expect(lone.published).toHaveLength(1);
  });

  it('handles many products in one group, each by its own stock', async () => {
    const products = await Promise.all(Array.from({ length: 450 }, () => product(3)));
    const entries = products.map((productId, index) => txMessage(name(), productId, 1 + (index % 4)));
    await handler.handle([delivery({ txMessages: entries })]);
    const lefts = await Promise.all(products.map(async (id) => (await stock.stockOf(id))?.totalCount));
    expect(lefts).toEqual(products.map((_, index) => (index % 4 === 3 ? 3n : BigInt(2 - (index % 4)))));
    expect(handler.counters).toMatchObject({ applied: 338, rejected: 112 });
  });

  it('splits what exceeds the bound of a local transaction', async () => {
    const productId = await product(100);
    const small = createTestHandler(stock.database, { maxTransactions: 7 });
    const deliveries = Array.from({ length: 5 }, () =>
      delivery({ txMessages: Array.from({ length: 10 }, () => txMessage(name(), productId, 1)) }),
    );
    const handled = await small.handle(deliveries);
    expect(handled.every(({ done }) => done)).toBe(true);
    expect((await stock.stockOf(productId))?.totalCount).toBe(50n);
  });

  it('records an unknown product and an insufficient stock as rejected, for ever', async () => {
    const productId = await product(1);
    const [unknown, scarce] = [name(), name()];
    const messages = [single(unknown, 999_999_999, 1), single(scarce, productId, 2)];
    await handler.handle(messages);
    await stock.seed(999_999_999n, 10);
    await stock.seed(productId, 10);
    await handler.handle(messages);
    expect(handler.outcomeOf(unknown)).toEqual({ outcome: 'REJECTED', reason: 'UNKNOWN_PRODUCT' });
    expect(handler.outcomeOf(scarce)).toEqual(insufficient);
    expect((await stock.stockOf(productId))?.totalCount).toBe(11n);
  });

  it('applies what a Java producer sends, and publishes nothing for it', async () => {
    const productId = await product(10);
    const txNo = name();
    const body = `{"txMessage":{"createTime":${Date.now()},"payCount":"2","productId":${productId},"txNo":"${txNo}","@type":"x"}}`;
    const message = delivery(body, { participant: '' });
    for (const attempt of [1, 2]) await handler.handle([{ ...message, attempt }]);
    expect((await stock.stockOf(productId))?.totalCount).toBe(8n);
    expect(handler.published).toEqual([]);
  });

  it('reports to each participant its own', async () => {
    const productId = await product(10);
    const [mine, theirs] = [name(), name()];
    await handler.handle([
      single(mine, productId, 1),
      { ...single(theirs, productId, 1), participant: 'shop' },
    ]);
    const names = handler.published.map(({ participant, outcomes }) => [participant, ...outcomes.keys()]);
    expect(names.sort()).toEqual([
      ['order-svc', mine],
      ['shop', theirs],
    ]);
  });

  it("tells the time from the newest message's birth to its outcome, of first deliveries only", async () => {
    const productId = await product(10);
    const bornTimeMs = Date.now() - 5_000;
    await handler.handle([
      { ...single(name(), productId, 1), bornTimeMs: bornTimeMs - 60_000 },
      { ...single(name(), productId, 1), bornTimeMs },
      { ...single(name(), productId, 1), attempt: 2 },
    ]);
    expect(handler.published[0]?.deliveryLagMs).toBeGreaterThanOrEqual(5_000);
    expect(handler.published[0]?.deliveryLagMs).toBeLessThan(60_000);
    await handler.handle([{ ...single(name(), productId, 1), attempt: 3 }]);
    expect(handler.published[1]?.deliveryLagMs).toBeUndefined();
  });

  it('acks nothing of a participant whose outcomes could not be published, and repeats them', async () => {
    const productId = await product(10);
    const txNo = name();
    const message = single(txNo, productId, 1);
    handler.publishing = false;
    const foreign = { ...single(name(), productId, 1), participant: '' };
    const handled = await handler.handle([message, foreign]);
    expect(handled.map(({ done }) => done)).toEqual([false, true]);
    handler.publishing = true;
    const [again] = await handler.handle([{ ...message, attempt: 2 }]);
    expect(again?.done).toBe(true);
    expect(handler.outcomeOf(txNo)).toEqual(applied);
    expect((await stock.stockOf(productId))?.totalCount).toBe(8n);
  });
});

/** How many statements the pool's only connection has run. */
async function statementCounts(database: Database) {
  const rows = await database.run((connection) =>
    selectRows<{ Variable_name: string; Value: string }>(connection, sql`SHOW SESSION STATUS LIKE 'Com\\_%'`),
  );
  const count = (name: string) => Number(rows.find((row) => row.Variable_name === `Com_${name}`)?.Value);
  return { update: count('update'), insert: count('insert'), select: count('select') };
}
