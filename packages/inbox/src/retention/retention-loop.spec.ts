import type { Database } from '@txmsg/mysql';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Delivery } from '../consume/delivery.js';
import { createStockDatabase, type StockDatabase } from '../test-support/shelf-database.js';
import { createTestHandler, store, type TestHandler } from '../test-support/test-handler.js';
import { delivery, txMessage } from '../testing/deliveries.js';
import { type RetentionOptions, runRetentionLoop, runRetentionRound } from './retention-loop.js';

const HOUR_MS = 3_600_000;

let stock: StockDatabase;
let handler: TestHandler;

beforeEach(async () => {
  stock = await createStockDatabase();
  handler = createTestHandler(stock.database);
  await stock.seed(1n, 100_000);
});
afterEach(() => stock.close());

function options(overrides: Partial<RetentionOptions> = {}): RetentionOptions {
  return {
    database: stock.database,
    store,
    logger: pino({ level: 'silent' }),
    owner: 'instance-1',
    retentionMs: HOUR_MS,
    intervalMs: 10,
    batchSize: 3,
    unknownParticipant: () => undefined,
    ...overrides,
  };
}

function round(overrides: Partial<RetentionOptions> = {}): Promise<number> {
  return runRetentionRound(options(overrides), new AbortController().signal);
}

function report(oldestMs: number, database: Database = stock.database, participant = 'order-svc') {
  return database.run((connection) => store.watermarks.report(connection, participant, oldestMs));
}

function floor(): Promise<number> {
  return stock.database.run((db) => store.floor.read(db));
}

/** A delivery of one piece of product 1, created so long ago. */
function aged(txNo: string, ageMs: number): Delivery {
  return delivery({ txMessage: txMessage(txNo, 1, 1, Date.now() - ageMs) });
}

async function left() {
  return (await stock.stockOf(1n))?.totalCount;
}

describe('retention', () => {
  it('forgets in batches what is older than the retention time, and nothing younger', async () => {
    const old = Array.from({ length: 10 }, (_, index) => aged(`old-${index}`, 2 * HOUR_MS));
    await handler.handle([...old, aged('young', HOUR_MS / 2)]);
    await report(Date.now());
    expect(await round()).toBe(10);
    expect(await stock.select('SELECT tx_no FROM tx_log')).toEqual([{ tx_no: 'young' }]);
    expect(Math.abs((await floor()) - (Date.now() - HOUR_MS))).toBeLessThan(60_000);
    expect(await round()).toBe(0);
  });

  it('acks and counts a message from below the floor, but never applies it and says nothing of it', async () => {
    const message = aged('late', 2 * HOUR_MS);
    await handler.handle([message]);
    await report(Date.now());
    await round();
    const before = await left();
    const told: object[] = [];
    handler = createTestHandler(stock.database, { belowFloor: (fields) => void told.push(fields) });
    for (const attempt of [1, 2]) {
      const [handled] = await handler.handle([{ ...message, attempt }]);
      expect(handled?.done).toBe(true);
    }
    expect(await left()).toBe(before);
    expect(handler.counters.belowFloor).toBe(2);
    expect(told).toMatchObject([{ txNos: ['late'] }, { txNos: ['late'] }]);
    expect(handler.published).toEqual([]);
  });

  it('still tells the decision of a message from below the floor while it is on record', async () => {
    const message = aged('kept', 2 * HOUR_MS);
    await handler.handle([message]);
    await report(Date.now());
    const stopped = new AbortController();
    stopped.abort();
    await runRetentionRound(options(), stopped.signal);
    expect(await floor()).toBeGreaterThan(0);
    await handler.handle([message]);
    expect(handler.counters).toMatchObject({ belowFloor: 0, duplicates: 1 });
    expect(handler.published).toHaveLength(2);
  });

  it('keeps everything while no participant is known', async () => {
    await handler.handle([{ ...aged('foreign', 2 * HOUR_MS), participant: '' }]);
    expect(await round()).toBe(0);
    expect(await floor()).toBe(0);
  });

  it('keeps everything until a participant that sends messages has reported', async () => {
    await handler.handle([aged('a', 2 * HOUR_MS)]);
    await report(Date.now(), stock.database, 'shop');
    expect(await round()).toBe(0);
    await report(Date.now());
    expect(await round()).toBe(1);
  });

  it('waits for a participant that never reports for one retention time, tells of it, and goes on', async () => {
    const told: object[] = [];
    const unknownParticipant = (fields: object) => void told.push(fields);
    await handler.handle([{ ...aged('a', 2 * HOUR_MS), participant: 'order-scv' }, aged('b', 2 * HOUR_MS)]);
    await report(Date.now());
    expect(await round({ unknownParticipant })).toBe(0);
    expect(told).toEqual([]);
    await stock.select(
      'UPDATE watermark SET seen_time = NOW(3) - INTERVAL 50 MINUTE WHERE update_time IS NULL',
    );
    expect(await round({ unknownParticipant })).toBe(0);
    expect(told).toMatchObject([{ alarm: 'UNKNOWN_PARTICIPANT', participants: ['order-scv'] }]);
    await stock.select(
      'UPDATE watermark SET seen_time = NOW(3) - INTERVAL 61 MINUTE WHERE update_time IS NULL',
    );
    expect(await round({ unknownParticipant })).toBe(2);
    expect(told).toHaveLength(1);
    expect(Math.abs((await floor()) - (Date.now() - HOUR_MS))).toBeLessThan(60_000);
  });

  it('forgets names that are awaited no longer, but the last 500: a name in use does not hold the floor again', async () => {
    const rows = Array.from(
      { length: 510 },
      (_, index) => `('made-up-${index}', '1970-01-01', NULL, NOW(3) - INTERVAL ${61 + index} MINUTE)`,
    );
    await stock.select(
      `INSERT INTO watermark (participant, oldest_unsettled, update_time, seen_time) VALUES ${rows},
         ('awaited', '1970-01-01', NULL, NOW(3) - INTERVAL 59 MINUTE),
         ('reported', '1970-01-01', '1970-01-02', NOW(3) - INTERVAL 50 DAY)`,
    );
    await round();
    const left = await stock.select<{ participant: string }>('SELECT participant FROM watermark');
    const names = new Set(left.map(({ participant }) => participant));
    expect(names).toEqual(
      new Set(['awaited', 'reported', ...Array.from({ length: 500 }, (_, index) => `made-up-${index}`)]),
    );
  });

  it('counts from now for a participant that was seen by a version that noted no time', async () => {
    await stock.select(
      "INSERT INTO watermark (participant, oldest_unsettled, update_time) VALUES ('old', '1970-01-01', NULL)",
    );
    await report(Date.now());
    await handler.handle([aged('a', 2 * HOUR_MS)]);
    expect(await round()).toBe(0);
    expect(
      await stock.select('SELECT 1 AS noted FROM watermark WHERE seen_time > NOW() - INTERVAL 1 MINUTE'),
    ).toEqual([{ noted: 1 }]);
  });

  it('goes on though the only participants ever seen have never reported', async () => {
    await handler.handle([{ ...aged('a', 2 * HOUR_MS), participant: 'nobody' }]);
    expect(await round()).toBe(0);
    await stock.select('UPDATE watermark SET seen_time = NOW(3) - INTERVAL 61 MINUTE');
    expect(await round()).toBe(1);
  });

  it('forgets nothing that a relay may still publish, though it was away for longer than the retention time', async () => {
    const unsettledMs = Date.now() - 3 * HOUR_MS;
    await report(unsettledMs);
    const message = delivery({ txMessage: txMessage('away', 1, 1, unsettledMs) });
    await handler.handle([message, aged('older', 4 * HOUR_MS)]);
    expect(await round()).toBe(1);
    const before = await left();
    await handler.handle([{ ...message, attempt: 1 }]);
    expect(await left()).toBe(before);
    expect(handler.outcomeOf('away')).toEqual({ outcome: 'APPLIED', reason: '' });
  });

  it('never lowers the floor', async () => {
    await report(Date.now());
    await round();
    const before = await floor();
    await report(Date.now() - 50 * HOUR_MS);
    await round({ retentionMs: 100 * HOUR_MS });
    expect(await floor()).toBe(before);
  });

  it('is done by one instance at a time', async () => {
    await handler.handle([aged('a', 2 * HOUR_MS)]);
    await report(Date.now());
    const rounds = await Promise.all(['one', 'two', 'three'].map((owner) => round({ owner })));
    expect(rounds.toSorted()).toEqual([0, 0, 1]);
    await handler.handle([aged('young', HOUR_MS / 2)]);
    expect(await round({ owner: 'four', retentionMs: HOUR_MS / 4 })).toBe(0);
    await stock.select("UPDATE lease SET until_time = NOW(3) - INTERVAL 1 SECOND WHERE name = 'retention'");
    expect(await round({ owner: 'four', retentionMs: HOUR_MS / 4 })).toBe(1);
  });

  it('forgets resolved dead letters, and pending ones never', async () => {
    await handler.handle([delivery('one'), delivery('two')]);
    await stock.select(
      "UPDATE dead_letter SET update_time = '2020-01-01', status = IF(id = 1, 'DROPPED', 'PENDING')",
    );
    await round();
    expect(await stock.select('SELECT status FROM dead_letter')).toEqual([{ status: 'PENDING' }]);
  });
});

describe('a race of retention and duplicates', () => {
  it('takes each transaction once, however its duplicates and the floor fall', async () => {
    const stopping = new AbortController();
    const pool = stock.connect();
    const racing = [
      runRetentionLoop(
        options({ database: pool, retentionMs: 0, intervalMs: 1, batchSize: 50 }),
        stopping.signal,
      ),
      advanceWatermark(pool, stopping.signal),
    ];
    const other = createTestHandler(pool);
    for (let step = 0; step < 150; step += 1) {
      const group = Array.from({ length: 5 }, (_, index) => aged(`race-${step}-${index}`, index * 4));
      await Promise.all([handler.handle(group), other.handle([...group].reverse())]);
      await handler.handle(group);
    }
    stopping.abort();
    await Promise.all(racing);
    const decided = handler.counters.applied + other.counters.applied;
    expect((await stock.stockOf(1n))?.takenTotal).toBe(BigInt(decided));
    const names = [...handler.applied, ...other.applied];
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBe(decided);
    // The race was one: some came too late, some were duplicates, and some were forgotten.
    expect(handler.counters.belowFloor + other.counters.belowFloor).toBeGreaterThan(0);
    expect(handler.counters.duplicates + other.counters.duplicates).toBeGreaterThan(0);
    expect((await stock.select('SELECT tx_no FROM tx_log')).length).toBeLessThan(decided);
  });
});

/** Reports again and again that nothing is unsettled. */
async function advanceWatermark(database: Database, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) await report(Date.now(), database);
}
