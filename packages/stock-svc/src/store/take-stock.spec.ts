import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStockDatabase, type StockDatabase } from '../test-support/stock-database.js';
import { takeStock } from './take-stock.js';

let stock: StockDatabase;

beforeAll(async () => {
  stock = await createStockDatabase();
});
afterAll(() => stock.close());

describe('takeStock', () => {
  it('takes nothing at all when one product does not hold enough', async () => {
    await stock.seed(1n, 10);
    await stock.seed(2n, 10);
    const taken = new Map([
      [1n, 3n],
      [2n, 11n],
    ]);
    await expect(stock.database.transact((tx) => takeStock(tx, taken))).rejects.toThrow('only 1 held enough');
    expect((await stock.stockOf(1n))?.totalCount).toBe(10n);
  });

  it('is stopped by the table itself when a statement would go below zero', async () => {
    await stock.seed(3n, 1);
    const statement = 'UPDATE stock SET total_count = total_count - 2 WHERE product_id = 3';
    await expect(stock.select(statement)).rejects.toThrow();
    expect((await stock.stockOf(3n))?.totalCount).toBe(1n);
  });

  it('counts products, not statements', async () => {
    const ids = Array.from({ length: 250 }, (_, index) => BigInt(1_000 + index));
    await stock.select(
      `INSERT INTO stock (product_id, total_count, added_total, taken_total) VALUES ${ids.map((id) => `(${id}, 5, 5, 0)`)}`,
    );
    await stock.database.transact((tx) => takeStock(tx, new Map(ids.map((id) => [id, 5n]))));
    const left = await stock.select(
      'SELECT COUNT(*) AS n FROM stock WHERE product_id >= 1000 AND total_count = 0',
    );
    expect(left).toEqual([{ n: 250 }]);
  });
});
