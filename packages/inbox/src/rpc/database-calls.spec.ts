import { changeRows } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createStockDatabase, type StockDatabase } from '../test-support/shelf-database.js';
import { createDatabaseCalls } from './database-calls.js';

let stock: StockDatabase;

beforeAll(async () => {
  stock = await createStockDatabase();
});
afterAll(() => stock.close());

it('a call that a locked table keeps waiting is UNAVAILABLE before a deadline of 5 s, and told to the monitor', async () => {
  const told: unknown[] = [];
  const calls = createDatabaseCalls(stock.database, {
    available: true,
    reportOutage: (error) => told.push(error),
    check: async () => true,
    run: async () => {},
  });
  await stock.seed(1n, 10);
  const keeper = await createConnection(stock.url);
  await keeper.query('LOCK TABLES stock READ');
  const startedAt = performance.now();
  const add = () => calls.change((tx) => changeRows(tx, sql`UPDATE stock SET total_count = total_count + 5`));
  await expect(add()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(performance.now() - startedAt).toBeLessThan(4_500);
  expect(told).toHaveLength(1);
  await keeper.end();
  await add();
  expect((await stock.stockOf(1n))?.totalCount).toBe(15n);
});
