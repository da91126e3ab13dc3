import { randomUUID } from 'node:crypto';
import { startTestDatabase, type TestDatabase } from '@txmsg/stack/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createStockDatabase, type StockDatabase } from '../test-support/shelf-database.js';
import { startTestApi } from '../test-support/test-api.js';
import { createTestHandler, type TestHandler } from '../test-support/test-handler.js';
import { delivery, single } from '../testing/deliveries.js';

const applied = { outcome: 'APPLIED', reason: '' };
const FAILED_PRECONDITION = 9;
const FOREIGN = '{"txMessage":{"productId":"库存","payCount":1,"txNo":"订单 🚚"}} 😀';

interface Row {
  reason: string;
  detail: string;
  message_id: string;
  body: Buffer;
  body_length: number | null;
}

let stock: StockDatabase;
let handler: TestHandler;

function letters(): Promise<readonly Row[]> {
  return stock.select('SELECT reason, detail, message_id, body, body_length FROM dead_letter ORDER BY id');
}

/** Handles a bad delivery between two good ones, whose fate must not depend on it. */
async function handleBetweenNeighbours(bad: ReturnType<typeof delivery>) {
  const neighbours = [randomUUID(), randomUUID()] as const;
  const handled = await handler.handle([single(neighbours[0], 1, 1), bad, single(neighbours[1], 1, 1)]);
  for (const txNo of neighbours) expect(handler.outcomeOf(txNo)).toEqual(applied);
  return handled.map(({ done }) => done);
}

describe.each(['latin1', 'utf8mb3', 'utf8mb4'])('a dead letter in a database of %s', (charset) => {
  beforeAll(async () => {
    stock = await createStockDatabase(undefined, charset);
    await stock.seed(1n, 1_000_000);
  });
  beforeEach(async () => {
    handler = createTestHandler(stock.database);
    await stock.select('DELETE FROM dead_letter');
  });
  afterAll(() => stock.close());

  it('is stored though its text is Chinese, or an emoji', async () => {
    expect(await handleBetweenNeighbours(delivery(FOREIGN))).toEqual([true, true, true]);
    expect(await letters()).toMatchObject([
      { reason: 'NOT_JSON', body: Buffer.from(FOREIGN), body_length: null },
    ]);
  });

  it('is stored though its detail ends in the middle of an emoji', async () => {
    const txNo = `${'x'.repeat(1_000)}${'😀'.repeat(30)}`;
    const bad = delivery({ txMessage: { productId: txNo, payCount: 1, txNo: 'odd' } });
    expect(await handleBetweenNeighbours(bad)).toEqual([true, true, true]);
    expect(await letters()).toMatchObject([{ reason: 'INVALID_FIELD' }]);
  });

  it('is stored though the names that came with it are longer than their columns', async () => {
    const messageId = `${'号'.repeat(300)}`;
    expect(await handleBetweenNeighbours(delivery('x', { messageId, topic: '主'.repeat(300) }))).toEqual([
      true,
      true,
      true,
    ]);
    expect(await letters()).toMatchObject([{ message_id: messageId.slice(0, 255) }]);
  });

  it('is told of with who did something to it', async () => {
    const api = await startTestApi(stock.database, handler);
    try {
      await handler.handle([delivery(FOREIGN)]);
      const [letter] = (await api.admin.listDeadLetters({})).deadLetters;
      const deadLetterId = letter?.deadLetterId ?? 0n;
      await api.admin.dropDeadLetter({ deadLetterId, actor: '张伟 😀' });
      const { actions } = await api.admin.listAdminActions({});
      expect(actions.at(-1)?.actor).toBe('张伟 😀');
    } finally {
      await api.close();
    }
  });
});

describe('a dead letter that does not fit', () => {
  // The size of a packet is the server's, so this server is nobody else's.
  let server: TestDatabase;
  beforeAll(async () => {
    server = await startTestDatabase();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    stock = await createStockDatabase(`127.0.0.1:${server.port}`);
    await stock.seed(1n, 1_000);
    handler = createTestHandler(stock.database);
  });
  afterEach(() => stock.close());

  /** Another pool, whose sessions take so much in a packet. */
  async function withPacket<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    const [before] = await stock.select<{ bytes: number }>('SELECT @@GLOBAL.max_allowed_packet AS bytes');
    await stock.select(`SET GLOBAL max_allowed_packet = ${bytes}`);
    try {
      handler = createTestHandler(stock.connect());
      return await work();
    } finally {
      await stock.select(`SET GLOBAL max_allowed_packet = ${before?.bytes}`);
    }
  }

  it.each([600_000, 1_200_000])('in a packet of 1 MiB keeps its beginning: %i bytes', async (size) => {
    await withPacket(1_048_576, async () => {
      const body = Buffer.alloc(size, 'not json ');
      expect(await handleBetweenNeighbours(delivery(body))).toEqual([true, true, true]);
      const [letter] = await letters();
      expect(letter).toMatchObject({ reason: 'NOT_JSON', body_length: size });
      expect(letter?.body.length).toBeGreaterThan(500_000);
      expect(letter?.body.equals(body.subarray(0, letter.body.length))).toBe(true);
    });
  });

  it('in a packet of 16 KiB is stored by its names alone', async () => {
    await withPacket(16_384, async () => {
      expect(await handleBetweenNeighbours(delivery('y'.repeat(20_000)))).toEqual([true, true, true]);
      expect(await letters()).toMatchObject([
        { reason: 'NOT_JSON', body: Buffer.alloc(0), body_length: 20_000 },
      ]);
    });
  });

  it('is stored by its names alone when the table refuses the rest', async () => {
    await stock.select('ALTER TABLE dead_letter ADD CONSTRAINT short CHECK (LENGTH(body) < 10)');
    expect(await handleBetweenNeighbours(delivery('longer than that'))).toEqual([true, true, true]);
    expect(await letters()).toMatchObject([{ reason: 'NOT_JSON', body_length: 16 }]);
  });

  it('is listed with its whole size, shown as cut, can not be replayed, and can be dropped', async () => {
    const api = await startTestApi(stock.database, handler);
    try {
      await stock.select('ALTER TABLE dead_letter ADD CONSTRAINT short CHECK (LENGTH(body) < 10)');
      await handler.handle([delivery('longer than that')]);
      const [listed] = (await api.admin.listDeadLetters({})).deadLetters;
      expect(listed).toMatchObject({ bodyBytes: 16, bodyCut: true });
      const deadLetterId = listed?.deadLetterId ?? 0n;
      const { deadLetter } = await api.admin.getDeadLetter({ deadLetterId });
      expect(deadLetter).toMatchObject({ bodyBytes: 16, bodyCut: true });
      const replay = api.admin.replayDeadLetter({ deadLetterId, actor: 'test' });
      await expect(replay).rejects.toMatchObject({ code: FAILED_PRECONDITION });
      expect(await api.admin.dropDeadLetter({ deadLetterId, actor: 'test' })).toMatchObject({ dropped: 0 });
    } finally {
      await api.close();
    }
  });

  it('costs its neighbours nothing while it can not be stored at all, and is stored when that is over', async () => {
    const bad = delivery('bad');
    await stock.select("ALTER TABLE dead_letter ADD CONSTRAINT none CHECK (reason = '')");
    expect(await handleBetweenNeighbours(bad)).toEqual([true, false, true]);
    await stock.select('ALTER TABLE dead_letter DROP CONSTRAINT none');
    expect(await handleBetweenNeighbours({ ...bad, attempt: 2 })).toEqual([true, true, true]);
    expect(await letters()).toMatchObject([{ reason: 'NOT_JSON' }]);
  });

  it('is an outage that is told of when its neighbours were handled before', async () => {
    const outages: unknown[] = [];
    const gone = Object.assign(new Error('gone'), { code: 'ECONNRESET' });
    const run: typeof stock.database.run = async () => Promise.reject(gone);
    await handler.handle([single(randomUUID(), 1, 1)]);
    handler = createTestHandler(stock.database, {
      database: { ...stock.database, run },
      reportOutage: (error) => void outages.push(error),
    });
    expect(await handleBetweenNeighbours(delivery('bad'))).toEqual([true, false, true]);
    expect(outages).toEqual([gone]);
  });
});
