import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createStockDatabase, type StockDatabase } from '../test-support/shelf-database.js';
import { createTestHandler, type TestHandler } from '../test-support/test-handler.js';
import { delivery, single, txMessage } from '../testing/deliveries.js';

const applied = { outcome: 'APPLIED', reason: '' };

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

beforeAll(async () => {
  stock = await createStockDatabase();
});
beforeEach(() => {
  handler = createTestHandler(stock.database);
});
afterAll(() => stock.close());

describe("a message that can't be handled", () => {
  it('puts other content of a txNo to the dead letters and reports the decision on record', async () => {
    const productId = await product(10);
    const txNo = name();
    await handler.handle([single(txNo, productId, 1)]);
    const other = single(txNo, productId, 2);
    for (const attempt of [1, 2]) {
      const [handled] = await handler.handle([{ ...other, attempt }]);
      expect(handled?.done).toBe(true);
    }
    expect((await stock.stockOf(productId))?.totalCount).toBe(9n);
    expect(handler.published).toHaveLength(3);
    expect(handler.outcomeOf(txNo)).toEqual(applied);
    expect(
      await stock.select(`SELECT reason, attempts FROM dead_letter WHERE message_id = '${other.messageId}'`),
    ).toEqual([{ reason: 'CONTENT_MISMATCH', attempts: 2 }]);
  });

  it.each([
    ['NOT_JSON', 'not json at all'],
    ['NO_TRANSACTION', '{"orders":[1]}'],
    ['INVALID_FIELD', '{"txMessage":{"productId":1,"payCount":-500,"txNo":"bad-1"}}'],
    ['INVALID_FIELD', '{"txMessage":{"productId":1,"payCount":1,"txNo":"ünlesbar"}}'],
    ['INVALID_FIELD', JSON.stringify({ txMessage: txMessage('x'.repeat(65), 1, 1) })],
  ])('puts %s to the dead letters once and handles the next message', async (reason, body) => {
    const productId = await product(10);
    const bad = delivery(body);
    const next = name();
    const handled = await handler.handle([bad, single(next, productId, 1)]);
    await handler.handle([{ ...bad, attempt: 2 }]);
    expect(handled.map(({ done }) => done)).toEqual([true, true]);
    expect(handler.outcomeOf(next)).toEqual(applied);
    expect(handler.counters).toMatchObject({ deadLetters: 2, applied: 1 });
    const rows = await stock.select<{ reason: string; attempts: number; body: Buffer }>(
      `SELECT reason, attempts, body FROM dead_letter WHERE message_id = '${bad.messageId}'`,
    );
    expect(rows).toEqual([{ reason, attempts: 2, body: Buffer.from(body) }]);
  });

  it('applies the neighbours of a bad entry in the same body', async () => {
    const productId = await product(10);
    const good = name();
    const body = { txMessages: [txMessage(good, productId, 1), txMessage('bad entry', productId, 1)] };
    await handler.handle([delivery(body)]);
    await handler.handle([delivery(body)]);
    expect((await stock.stockOf(productId))?.totalCount).toBe(9n);
    expect(handler.outcomeOf(good)).toEqual(applied);
    expect(handler.counters).toMatchObject({ applied: 1, duplicates: 1, deadLetters: 2 });
  });
});

describe('a message that the database refuses', () => {
  it('is isolated from its neighbours and becomes a dead letter after enough failures', async () => {
    const productId = await product(10);
    const poison = await product(10);
    await stock.select(
      `ALTER TABLE tx_log ADD CONSTRAINT poison CHECK (product_id <> ${poison} OR outcome <> 'APPLIED')`,
    );
    const bad = single(name(), poison, 1);
    const good = [single(name(), productId, 1), single(name(), productId, 1)];
    const first = await handler.handle([good[0], bad, good[1]].filter((one) => one !== undefined));
    expect(first.map(({ done }) => done)).toEqual([true, false, true]);
    for (let attempt = 2; attempt < 5; attempt += 1) {
      const [handled] = await handler.handle([{ ...bad, attempt }]);
      expect(handled?.done).toBe(false);
    }
    const [last] = await handler.handle([{ ...bad, attempt: 5 }]);
    expect(last?.done).toBe(true);
    expect((await stock.stockOf(poison))?.totalCount).toBe(10n);
    expect((await stock.stockOf(productId))?.totalCount).toBe(8n);
    const letters = await stock.select<{ reason: string; detail: string }>(
      `SELECT reason, detail FROM dead_letter WHERE message_id = '${bad.messageId}'`,
    );
    expect(letters).toEqual([{ reason: 'APPLY_FAILED', detail: expect.stringMatching(/error (4025|3819)/) }]);
    await stock.select('ALTER TABLE tx_log DROP CONSTRAINT poison');
  });

  it('is not blamed for a fault of the schema', async () => {
    const productId = await product(10);
    await stock.select('RENAME TABLE tx_log TO tx_log_away');
    try {
      await expect(handler.handle([{ ...single(name(), productId, 1), attempt: 9 }])).rejects.toThrow();
    } finally {
      await stock.select('RENAME TABLE tx_log_away TO tx_log');
    }
    expect(handler.counters.deadLetters).toBe(0);
    expect((await stock.stockOf(productId))?.totalCount).toBe(10n);
  });
});
