import { single } from '@txmsg/inbox/testing';
import { type Stranger, startStranger } from '@txmsg/stack/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createStockDatabase, type StockDatabase } from '../test-support/stock-database.js';
import { startTestApi } from '../test-support/test-api.js';
import { createTestHandler } from '../test-support/test-handler.js';

const HELD = 1n;
const FREE = 2n;

let stock: StockDatabase;
const strangers: Stranger[] = [];

beforeEach(async () => {
  stock = await createStockDatabase();
  await stock.seed(HELD, 1_000);
  await stock.seed(FREE, 1_000);
});
afterEach(async () => {
  await unlock();
  await stock.close();
});

async function lock(statement: string): Promise<void> {
  strangers.push(await startStranger(stock.url, statement));
}

async function unlock(): Promise<void> {
  await Promise.all(strangers.splice(0).map((stranger) => stranger.end()));
}

describe('callers of AddStock who wait for a locked row', () => {
  it.each([
    ['the stock row of one product', 'SELECT * FROM stock WHERE product_id = 1 FOR UPDATE', 3],
    [
      'an addition that was made before',
      "INSERT INTO stock_change (request_id, product_id, delta, create_time) VALUES ('add-0', 1, 1, NOW(3))",
      3,
    ],
    ['all that may change something at a time', 'SELECT * FROM stock WHERE product_id = 1 FOR UPDATE', 1],
  ])('leave connections to the consumer: %s', async (_, statement, maxChanges) => {
    const pool = stock.connect({ connections: 4, lockWaitSeconds: 1 });
    const handler = createTestHandler(pool);
    const api = await startTestApi(pool, handler, maxChanges);
    try {
      await handler.handle([single('looks-up', FREE, 1)]);
      await lock(statement);
      let ended = 0;
      const calls = Array.from({ length: 30 }, async (_, index) => {
        try {
          return await api.stock.addStock({ productId: HELD, count: 1n, requestId: `add-${index}` });
        } finally {
          ended += 1;
        }
      });
      const settled = Promise.allSettled(calls);
      await stock.select('SELECT 1');
      const [handled] = await handler.handle([single('beside', FREE, 1)]);
      expect(handled?.done).toBe(true);
      if (maxChanges > 1) await api.stock.addStock({ productId: FREE, count: 1n, requestId: 'beside' });
      expect(ended).toBeLessThan(30);
      await unlock();
      for (const result of await settled) {
        expect(result).toMatchObject(result.status === 'fulfilled' ? {} : { reason: { code: 14 } });
      }
    } finally {
      await api.close();
    }
  });
});

it('additions that somebody keeps locked hold up no message', async () => {
  await lock('SELECT * FROM stock_change FOR UPDATE');
  const handler = createTestHandler(stock.connect({ lockWaitSeconds: 1 }));
  const handled = await handler.handle([single('a', HELD, 1), single('b', FREE, 1)]);
  expect(handled.map(({ done }) => done)).toEqual([true, true]);
  expect(handler.counters.blocked).toBe(0);
});
