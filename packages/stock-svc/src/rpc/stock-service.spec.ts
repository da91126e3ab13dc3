import { single } from '@txmsg/inbox/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createStockDatabase, type StockDatabase } from '../test-support/stock-database.js';
import { startTestApi, type TestApi } from '../test-support/test-api.js';
import { createTestHandler, type TestHandler } from '../test-support/test-handler.js';

const Code = { INVALID_ARGUMENT: 3, NOT_FOUND: 5, ALREADY_EXISTS: 6, OUT_OF_RANGE: 11, UNAVAILABLE: 14 };

let stock: StockDatabase;
let handler: TestHandler;
let api: TestApi;

beforeAll(async () => {
  stock = await createStockDatabase();
  handler = createTestHandler(stock.database);
  api = await startTestApi(stock.database, handler);
});
afterAll(async () => {
  await api.close();
  await stock.close();
});

describe('AddStock', () => {
  it('adds a new product and more of it', async () => {
    const first = await api.stock.addStock({ productId: 10n, count: 5n, requestId: 'add-1' });
    expect(first.stock).toMatchObject({ productId: 10n, totalCount: 5n, addedTotal: 5n, takenTotal: 0n });
    await handler.handle([single('taken', 10, 2)]);
    const second = await api.stock.addStock({ productId: 10n, count: 7n, requestId: 'add-2' });
    expect(second.stock).toMatchObject({ totalCount: 10n, addedTotal: 12n, takenTotal: 2n });
  });

  it('adds once for each request id, 20 calls at once included', async () => {
    const request = { productId: 11n, count: 3n, requestId: 'same' };
    const answers = await Promise.all(Array.from({ length: 20 }, () => api.stock.addStock(request)));
    expect(new Set(answers.map(({ stock }) => stock?.totalCount))).toEqual(new Set([3n]));
    expect((await api.stock.addStock(request)).stock?.addedTotal).toBe(3n);
  });

  it('keeps request ids abc and ABC apart', async () => {
    await api.stock.addStock({ productId: 12n, count: 1n, requestId: 'abc' });
    const { stock } = await api.stock.addStock({ productId: 12n, count: 1n, requestId: 'ABC' });
    expect(stock?.totalCount).toBe(2n);
  });

  it.each([
    { productId: 13n, count: 2n },
    { productId: 14n, count: 1n },
  ])('refuses other content under the same request id: %o', async (other) => {
    await api.stock.addStock({ productId: 13n, count: 1n, requestId: 'reused' });
    const call = api.stock.addStock({ ...other, requestId: 'reused' });
    await expect(call).rejects.toMatchObject({ code: Code.ALREADY_EXISTS });
  });

  it('refuses more than can be held, and writes nothing of it', async () => {
    await api.stock.addStock({ productId: 15n, count: 1n, requestId: 'first' });
    await stock.select(
      'UPDATE stock SET total_count = total_count + 9223372036854775000, added_total = added_total + 9223372036854775000 WHERE product_id = 15',
    );
    const request = { productId: 15n, count: 1_000n, requestId: 'too-much' };
    await expect(api.stock.addStock(request)).rejects.toMatchObject({ code: Code.OUT_OF_RANGE });
    expect(await stock.select("SELECT 1 FROM stock_change WHERE request_id = 'too-much'")).toEqual([]);
    const { stock: held } = await api.stock.addStock({ ...request, count: 806n });
    expect(held?.addedTotal).toBe(9_223_372_036_854_775_807n);
  });

  it('adds while orders are taken, and the books add up', async () => {
    await api.stock.addStock({ productId: 16n, count: 1n, requestId: 'busy' });
    await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        index % 2
          ? handler.handle([single(`busy-${index}`, 16, 1)])
          : api.stock.addStock({ productId: 16n, count: 2n, requestId: `busy-${index}` }),
      ),
    );
    const books = await stock.stockOf(16n);
    expect(books?.addedTotal).toBe(41n);
    expect(books?.totalCount).toBe(41n - (books?.takenTotal ?? 0n));
  });
});

describe('reading', () => {
  it('pages through products by id', async () => {
    for (let id = 501; id <= 507; id += 1) {
      await api.stock.addStock({ productId: BigInt(id), count: 1n, requestId: `page-${id}` });
    }
    const seen: bigint[] = [];
    let pageToken = '';
    do {
      const page = await api.stock.listStock({ pageSize: 3, pageToken });
      expect(page.stocks.length).toBeLessThanOrEqual(3);
      seen.push(...page.stocks.map(({ productId }) => productId));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(seen).toEqual([...seen].sort((a, b) => (a < b ? -1 : 1)));
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((id) => id > 500n)).toHaveLength(7);
    expect((await api.stock.listStock({})).nextPageToken).toBe('');
  });

  it('refuses a page token that is not ours', async () => {
    const call = api.stock.listStock({ pageToken: 'next please' });
    await expect(call).rejects.toMatchObject({ code: Code.INVALID_ARGUMENT });
  });

  it('says NOT_FOUND for what is not there', async () => {
    await expect(api.stock.getStock({ productId: 404n })).rejects.toMatchObject({ code: Code.NOT_FOUND });
    await expect(api.stock.getStockTransaction({ txNo: 'none' })).rejects.toMatchObject({
      code: Code.NOT_FOUND,
    });
  });

  it('shows products beyond the exact range of a JavaScript number', async () => {
    const productId = 2n ** 63n - 1n;
    await api.stock.addStock({ productId, count: 2n, requestId: 'large' });
    await handler.handle([single('large', productId, 1)]);
    expect((await api.stock.getStock({ productId })).stock?.totalCount).toBe(1n);
    const { transaction } = await api.stock.getStockTransaction({ txNo: 'large' });
    expect(transaction?.productId).toBe(productId);
  });

  it('is refused at once while the database is away', async () => {
    vi.spyOn(stock.database, 'ping').mockRejectedValueOnce(new Error('away'));
    api.monitor.reportOutage(new Error('away'));
    await expect.poll(() => api.monitor.available).toBe(false);
    const refusal = { code: Code.UNAVAILABLE };
    await expect(api.stock.getStock({ productId: 10n })).rejects.toMatchObject(refusal);
    const addition = { productId: 10n, count: 1n, requestId: 'refused' };
    await expect(api.stock.addStock(addition)).rejects.toMatchObject(refusal);
    const stopping = new AbortController();
    const running = api.monitor.run(stopping.signal);
    await expect.poll(() => api.monitor.available).toBe(true);
    stopping.abort();
    await running;
    expect((await api.stock.getStock({ productId: 10n })).stock).toBeDefined();
  });
});

describe('the ledger', () => {
  it('exports every transaction once, in byte order, with totals that have no fault', async () => {
    const entries = [];
    for await (const batch of api.ledger.exportTransactions({})) entries.push(...batch.entries);
    const txNos = entries.map(({ txNo }) => txNo);
    expect(txNos).toEqual([...txNos].sort());
    expect(entries.find(({ txNo }) => txNo === 'taken')).toMatchObject({ content: '10x2', outcome: 1 });
    const { totals } = await api.ledger.exportTotals({});
    expect(totals.find(({ account }) => account === 'product/10')?.applied).toBe(2n);
    const faults = totals.filter(({ fault }) => fault !== '').map(({ account }) => account);
    // The overflow test has added to product 15 behind the service's back.
    expect(faults).toEqual(['product/15']);
  });
});
