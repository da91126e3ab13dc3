import { randomUUID } from 'node:crypto';
import { changeRows, type Database, isLockWait, type Queryable } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { type Stranger, startStranger } from '@txmsg/stack/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { floorReachMs } from '../domain/next-floor.js';
import { runRetentionRound } from '../retention/retention-loop.js';
import { mayBeOutage } from '../store/failure-kind.js';
import { createStockDatabase, type StockDatabase } from '../test-support/shelf-database.js';
import { startTestApi } from '../test-support/test-api.js';
import {
  createTestApplier,
  createTestHandler,
  store,
  type TestHandler,
} from '../test-support/test-handler.js';
import { delivery, single, txMessage } from '../testing/deliveries.js';

const applied = { outcome: 'APPLIED', reason: '' };
const WEEK_MS = 7 * 24 * 3_600_000;
const HELD = 1n;
const FREE = 2n;

let stock: StockDatabase;
let handler: TestHandler;
/** As the service makes it. */
let database: Database;
let transactions: number;
/** What was told of as a lock that may be one of the whole server. */
let locksOfAll: unknown[];
/** What was told of locks on no row of a group. */
let unknownLocks: object[];
const strangers: Stranger[] = [];

beforeEach(async () => {
  stock = await createStockDatabase();
  transactions = 0;
  locksOfAll = [];
  unknownLocks = [];
  database = stock.connect({ lockWaitSeconds: 1 });
  handler = createHandler(counting(database));
  await stock.seed(HELD, 1_000);
  await stock.seed(FREE, 1_000);
  await handler.handle([single('warm-up', FREE, 1)]);
  // As the rounds of forgetting keep it.
  await database.run((db) => changeRows(db, sql`UPDATE retention SET floor = NOW(3) - INTERVAL 7 DAY`));
});
afterEach(async () => {
  await Promise.all(strangers.splice(0).map((stranger) => stranger.end()));
  await stock.close();
});

function createHandler(database: Database, maxAttempts = 1): TestHandler {
  const applyGroup = createTestApplier(database, {
    floorReachMs: floorReachMs(60_000, 5_000),
    reportOutage: (error) => void locksOfAll.push(error),
    unknownLock: (fields) => void unknownLocks.push(fields),
  });
  return createTestHandler(database, { applyGroup, maxAttempts });
}

/** A database that counts its transactions. */
function counting(database: Database): Database {
  return {
    ...database,
    transact: (work: (tx: Queryable) => Promise<unknown>) => {
      transactions += 1;
      return database.transact(work);
    },
  } as Database;
}

async function lock(statement: string): Promise<Stranger> {
  const stranger = await startStranger(stock.url, statement);
  strangers.push(stranger);
  return stranger;
}

async function unlock(how?: 'COMMIT' | 'ROLLBACK') {
  await strangers.pop()?.end(how);
}

async function left(productId: bigint) {
  return (await stock.stockOf(productId))?.totalCount;
}

describe('a stock row that somebody else keeps locked', () => {
  it.each([
    'SELECT * FROM stock WHERE product_id = 1 FOR UPDATE',
    'SELECT * FROM stock WHERE product_id = 1 LOCK IN SHARE MODE',
    'SELECT * FROM stock WHERE id = (SELECT MIN(id) FROM (SELECT id FROM stock) s) FOR UPDATE',
    'UPDATE stock SET total_count = total_count WHERE product_id = 1',
    'DELETE FROM stock WHERE product_id = 1',
  ])('holds up its own orders only: %s', async (statement) => {
    await lock(statement);
    const messages = [single('a', FREE, 1), single('b', HELD, 1), single('c', FREE, 1)];
    const handled = await handler.handle(messages);
    expect(handled.map(({ done }) => done)).toEqual([true, false, true]);
    expect([handler.outcomeOf('a'), handler.outcomeOf('b'), handler.outcomeOf('c')]).toEqual([
      applied,
      undefined,
      applied,
    ]);
    await unlock();
    await expect
      .poll(async () => (await handler.handle([{ ...single('b', HELD, 1), attempt: 2 }]))[0]?.done)
      .toBe(true);
    expect(handler.outcomeOf('b')).toEqual(applied);
    expect(await left(HELD)).toBe(999n);
    expect(locksOfAll).toEqual([]);
  });

  it('is waited for once: later groups go around it without a failed attempt', async () => {
    await lock('SELECT * FROM stock WHERE product_id = 1 FOR UPDATE');
    await handler.handle([single('first', HELD, 1)]);
    transactions = 0;
    for (let group = 0; group < 10; group += 1) {
      const messages = [single(`held-${group}`, HELD, 1), single(`free-${group}`, FREE, 1)];
      expect((await handler.handle(messages)).map(({ done }) => done)).toEqual([false, true]);
    }
    expect(transactions).toBe(10);
    expect(handler.counters.blocked).toBe(11);
  });

  it('is no reason for a dead letter, however often and however long', async () => {
    await lock('SELECT * FROM stock WHERE product_id = 1 FOR UPDATE');
    for (const attempt of [1, 2, 50, 5_000]) {
      const [handled] = await handler.handle([{ ...single('held', HELD, 1), attempt }]);
      expect(handled?.done).toBe(false);
    }
    expect(await stock.select('SELECT * FROM dead_letter')).toEqual([]);
  });

  it('holds up a part of a message: the rest of it is applied and told, and the message is not done', async () => {
    await lock('SELECT * FROM stock WHERE product_id = 1 FOR UPDATE');
    const txMessages = [
      txMessage('one', FREE, 1),
      txMessage('two', HELD, 1),
      { ...txMessage('bad', FREE, 0) },
    ];
    const message = delivery({ txMessages });
    const [first] = await handler.handle([message]);
    expect(first?.done).toBe(false);
    expect(handler.outcomeOf('one')).toEqual(applied);
    expect(handler.outcomeOf('two')).toBeUndefined();
    await unlock();
    await expect.poll(async () => (await handler.handle([{ ...message, attempt: 2 }]))[0]?.done).toBe(true);
    expect(handler.outcomeOf('two')).toEqual(applied);
    expect([await left(HELD), await left(FREE)]).toEqual([999n, 998n]);
    expect(await stock.select('SELECT reason FROM dead_letter')).toEqual([{ reason: 'INVALID_FIELD' }]);
  });

  it('holds up 20 products of 40 when it is 20 rows', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => BigInt(100 + index));
    for (const id of ids) await stock.seed(id, 10);
    const held = ids.filter((id) => id < 120n).join();
    await lock(`SELECT * FROM stock FORCE INDEX (stock_product_id) WHERE product_id IN (${held}) FOR UPDATE`);
    const handled = await handler.handle(ids.map((id) => single(`p-${id}`, id, 1)));
    expect(handled.map(({ done }) => done)).toEqual(ids.map((id) => id >= 120n));
  });

  it('says so when it is replayed, and stays PENDING', async () => {
    const api = await startTestApi(database, handler);
    try {
      const txMessages = [{ ...txMessage('bad', HELD, 0) }, txMessage('good', HELD, 1)];
      await handler.handle([delivery({ txMessages })]);
      await stock.select("DELETE FROM tx_log WHERE tx_no = 'good'");
      await lock('SELECT * FROM stock WHERE product_id = 1 FOR UPDATE');
      const [letter] = (await api.admin.listDeadLetters({})).deadLetters;
      const replay = api.admin.replayDeadLetter({ deadLetterId: letter?.deadLetterId ?? 0n, actor: 'test' });
      await expect(replay).rejects.toMatchObject({ code: 14 });
    } finally {
      await api.close();
    }
  });
});

describe('our own contention for one product', () => {
  it('is not taken for somebody else who keeps its lock', async () => {
    const pool = stock.connect({ lockWaitSeconds: 1 });
    const handlers = [handler, createHandler(database), createHandler(pool), createHandler(pool)];
    await Promise.all(
      handlers.map(async (one) => {
        for (let group = 0; group < 25; group += 1) {
          const handled = await one.handle(Array.from({ length: 5 }, () => single(randomUUID(), HELD, 1)));
          expect(handled.every(({ done }) => done)).toBe(true);
        }
      }),
    );
    expect(handlers.map(({ counters }) => counters.blocked)).toEqual([0, 0, 0, 0]);
    expect(unknownLocks).toEqual([]);
    expect(await left(HELD)).toBe(500n);
  });
});

it('a table that somebody else keeps locked is met as what may be an outage', async () => {
  await lock('LOCK TABLES stock WRITE');
  await expect(handler.handle([single('a', HELD, 1)])).rejects.toSatisfy(mayBeOutage);
  await unlock();
  expect((await handler.handle([{ ...single('a', HELD, 1), attempt: 2 }]))[0]?.done).toBe(true);
});

describe('a row of another table that somebody else keeps locked', () => {
  const insert =
    "INSERT INTO tx_log (tx_no, create_time, product_id, pay_count, outcome, reason) VALUES ('held', NOW(3), 1, 1, 'REJECTED', 'STRANGE')";

  it.each([
    ['ROLLBACK', applied, 999n],
    ['COMMIT', { outcome: 'REJECTED', reason: 'STRANGE' }, 1_000n],
  ] as const)('an insert of the same txNo that ends with %s: others go on', async (end, decision, pieces) => {
    await lock(insert);
    const messages = [single('a', HELD, 1), single('held', HELD, 1)];
    expect((await handler.handle(messages)).map(({ done }) => done)).toEqual([true, false]);
    await unlock(end);
    await expect.poll(async () => (await handler.handle(messages))[1]?.done).toBe(true);
    expect(handler.outcomeOf('held')).toEqual(decision);
    expect(await left(HELD)).toBe(pieces - 1n);
  });

  it('a record: its duplicate is told all the same', async () => {
    await handler.handle([single('known', HELD, 1)]);
    await lock("SELECT * FROM tx_log WHERE tx_no = 'known' FOR UPDATE");
    const handled = await handler.handle([single('known', HELD, 1), single('new', HELD, 1)]);
    expect(handled.map(({ done }) => done)).toEqual([true, true]);
    expect(handler.counters).toMatchObject({ duplicates: 1, blocked: 0 });
  });

  it.each([
    'SELECT * FROM retention FOR UPDATE',
    'UPDATE retention SET floor = floor',
    'SELECT * FROM lease FOR UPDATE',
    'SELECT * FROM watermark FOR UPDATE',
    "INSERT INTO watermark (participant, oldest_unsettled) VALUES ('shop', '2000-01-01')",
    'SELECT * FROM admin_action FOR UPDATE',
  ])('holds up nothing, and no participant that is new: %s', async (statement) => {
    await lock(statement);
    // Nothing that it has seen before keeps this one from looking.
    const fresh = createHandler(database);
    const handled = await fresh.handle([
      single('a', HELD, 1),
      { ...single('b', FREE, 1), participant: 'shop' },
    ]);
    expect(handled.map(({ done }) => done)).toEqual([true, true]);
    expect(fresh.counters.blocked).toBe(0);
  });

  it('a dead letter: its neighbours are done, and it comes again', async () => {
    await handler.handle([delivery('bad')]);
    await lock('SELECT * FROM dead_letter FOR UPDATE');
    const messages = [single('a', HELD, 1), delivery('bad'), single('b', FREE, 1)];
    expect((await handler.handle(messages)).map(({ done }) => done)).toEqual([true, false, true]);
    await unlock();
    expect((await handler.handle(messages)).map(({ done }) => done)).toEqual([true, true, true]);
    expect(await stock.select('SELECT attempts FROM dead_letter')).toEqual([{ attempts: 2 }]);
  });

  it('the floor, and a message that it comes near to: it alone waits', async () => {
    await lock('SELECT * FROM retention FOR UPDATE');
    const old = delivery({ txMessage: txMessage('old', HELD, 1, Date.now() - WEEK_MS + 3_600_000) });
    expect((await handler.handle([old]))[0]?.done).toBe(false);
    expect(locksOfAll.every(isLockWait)).toBe(true);
    expect(locksOfAll).toHaveLength(2);
    expect((await handler.handle([single('new', HELD, 1)]))[0]?.done).toBe(true);
    await unlock();
    expect((await handler.handle([old]))[0]?.done).toBe(true);
  });

  it('the retention of a participant: a round of forgetting fails, and the next one is right', async () => {
    await lock('SELECT * FROM retention FOR UPDATE');
    const round = () =>
      runRetentionRound(
        {
          database,
          store,
          logger: handler.logger,
          owner: 'one',
          retentionMs: WEEK_MS,
          intervalMs: 1_000,
          batchSize: 10,
          unknownParticipant: () => undefined,
        },
        new AbortController().signal,
      );
    await expect(round()).rejects.toThrow();
    expect((await handler.handle([single('a', HELD, 1)]))[0]?.done).toBe(true);
    await unlock();
    await expect(round()).resolves.toBe(0);
  });
});
