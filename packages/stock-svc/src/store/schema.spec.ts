import { sql } from '@txmsg/mysql/drizzle';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createStockDatabase, type StockDatabase } from '../test-support/stock-database.js';
import { writeProbes } from './schema.js';

let stock: StockDatabase;

beforeAll(async () => {
  stock = await createStockDatabase();
});
afterAll(() => stock.close());

it.each(writeProbes)('reads one key and changes nothing: %s', async (probe) => {
  const database = stock.database;
  const [plan] = await database.run((db) => db.execute(sql.raw(`EXPLAIN ${probe}`)));
  expect(plan).toMatchObject([{ key: 'PRIMARY', type: expect.stringMatching(/^(range|const)$/) }]);
  const [result] = await database.run((db) => db.execute(sql.raw(probe)));
  expect(result).toMatchObject({ affectedRows: 0 });
});
