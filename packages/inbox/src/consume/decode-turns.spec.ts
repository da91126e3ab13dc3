import { afterAll, beforeAll, expect, it } from 'vitest';
import { createStockDatabase, type StockDatabase } from '../test-support/shelf-database.js';
import { createTestHandler } from '../test-support/test-handler.js';
import { delivery } from '../testing/deliveries.js';

const keys = Array.from({ length: 40_000 }, (_, index) => `"k${index}":0`).join(',');
const DEAR = Buffer.from(`{"txMessages":[{${keys}}]}`);
const MESSAGES = 12;

let stock: StockDatabase;
beforeAll(async () => {
  stock = await createStockDatabase();
});
afterAll(() => stock.close());

it('lets others have their turns between bodies that are dear to read', async () => {
  let turn = 0;
  let counting = true;
  const count = () => {
    turn += 1;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  const turns = new Set<number>();
  const body = {
    get body() {
      turns.add(turn);
      return DEAR;
    },
  };
  const deliveries = Array.from({ length: MESSAGES }, () =>
    Object.defineProperties(delivery(''), Object.getOwnPropertyDescriptors(body)),
  );
  try {
    const handled = await createTestHandler(stock.database).handle(deliveries);
    expect(handled.every(({ done }) => done)).toBe(true);
  } finally {
    counting = false;
  }
  expect(turns.size).toBeGreaterThanOrEqual(MESSAGES / 2);
});
