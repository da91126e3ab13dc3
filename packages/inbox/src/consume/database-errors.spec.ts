import { CommitInDoubtError, changeRows, isOutage } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { createMysqlFaultProxy, type MysqlFault, type MysqlFaultProxy } from '@txmsg/stack/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { createDatabaseCalls } from '../rpc/database-calls.js';
import { failureKind } from '../store/failure-kind.js';
import { createStockDatabase, type StockDatabase } from '../test-support/shelf-database.js';
import { createTestHandler, type TestHandler } from '../test-support/test-handler.js';
import { delivery, single } from '../testing/deliveries.js';

let proxy: MysqlFaultProxy;
let stock: StockDatabase;
let handler: TestHandler;

beforeAll(async () => {
  proxy = await createMysqlFaultProxy({ target: inject('databaseAddress') });
  stock = await createStockDatabase();
});
beforeEach(async () => {
  handler = createTestHandler(stock.connect({ address: proxy.address }), { maxAttempts: 1 });
});
afterAll(async () => {
  await stock?.close();
  await proxy?.close();
});

/** Answers of servers that are stopped or demoted, and of proxies that lost theirs. */
const ERRORS = [1047, 1053, 1105, 1180, 1290, 1317, 1927, 2006, 2013, 3100, 9001];

let product = 0n;
/** Seeds a product of its own for a test; each takes 3 of its 10 pieces. */
async function seed(): Promise<{ productId: bigint; txNo: string }> {
  product += 1n;
  await stock.seed(product, 10);
  return { productId: product, txNo: `tx-${product}` };
}

/** Handles a message while the fault is set, and gives the error by which it fails. */
async function failure(message: ReturnType<typeof single>, fault: MysqlFault): Promise<unknown> {
  const set = proxy.fail({ ...fault, times: 1 });
  const error = await handler.handle([message]).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  set.stop();
  expect(set.hits).toBe(1);
  return error;
}

async function expectAppliedOnceByRedelivery({ txNo, productId }: { txNo: string; productId: bigint }) {
  await handler.handle([{ ...single(txNo, productId, 3), attempt: 2 }]);
  expect(handler.outcomeOf(txNo)).toEqual({ outcome: 'APPLIED', reason: '' });
  expect((await stock.stockOf(productId))?.totalCount).toBe(7n);
  expect(await stock.select('SELECT * FROM dead_letter')).toEqual([]);
}

describe.each(['INSTEAD', 'AFTER'] as const)('an error packet %s of COMMIT', (when) => {
  it.each(ERRORS)('is in doubt: nothing is published, the redelivery tells: %i', async (errno) => {
    const { txNo, productId } = await seed();
    const error = await failure(single(txNo, productId, 3), { statement: /^COMMIT$/, errno, when });
    expect(error).toBeInstanceOf(CommitInDoubtError);
    expect(failureKind(error)).toBe('outage');
    expect(handler.published).toEqual([]);
    await expectAppliedOnceByRedelivery({ txNo, productId });
    expect(handler.counters.duplicates).toBe(when === 'AFTER' ? 1 : 0);
  });
});

describe('an error packet instead of a statement', () => {
  it.each(ERRORS)('is an outage, and no fault of the message: %i', async (errno) => {
    const { txNo, productId } = await seed();
    await handler.handle([single(`warm-up-${txNo}`, 404, 1)]);
    for (const statement of [/^START TRANSACTION/, /`?stock`?.* for update/is, /^update/i, /^insert/i]) {
      const error = await failure(single(txNo, productId, 3), { statement, errno, when: 'INSTEAD' });
      expect([statement.source, isOutage(error)]).toEqual([statement.source, true]);
    }
    await expectAppliedOnceByRedelivery({ txNo, productId });
  });

  it.each(ERRORS)('costs no dead letter its place: %i', async (errno) => {
    const message = delivery(`not JSON, ${errno}`);
    const error = await failure(message, { statement: /dead_letter/, errno, when: 'INSTEAD' });
    expect(isOutage(error)).toBe(true);
    expect(await handler.handle([message])).toMatchObject([{ done: true }]);
    expect(await stock.select('SELECT reason FROM dead_letter')).toHaveLength(1);
    await stock.database.run((db) => db.execute('DELETE FROM dead_letter'));
  });
});

describe('a call whose COMMIT is answered by an error packet', () => {
  it.each(ERRORS)('is UNAVAILABLE, and its retry adds once: %i', async (errno) => {
    const { productId } = await seed();
    const outages: unknown[] = [];
    const calls = createDatabaseCalls(stock.connect({ address: proxy.address }), {
      available: true,
      reportOutage: (error) => outages.push(error),
      check: async () => true,
      run: async () => {},
    });
    const add = () =>
      calls.change((tx) =>
        changeRows(tx, sql`UPDATE stock SET total_count = 15 WHERE product_id = ${productId}`),
      );
    const set = proxy.fail({ statement: /^COMMIT$/, errno, when: 'AFTER', times: 1 });
    await expect(add()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(set.hits).toBe(1);
    expect(outages).toHaveLength(1);
    await add();
    expect((await stock.stockOf(productId))?.totalCount).toBe(15n);
  });
});
