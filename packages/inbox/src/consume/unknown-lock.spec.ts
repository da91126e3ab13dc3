import { changeRows, type Database, isLockWait } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { startTestDatabase, type TestDatabase } from '@txmsg/stack/testing';
import { type Connection, createConnection } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { floorReachMs } from '../domain/next-floor.js';
import { createStockDatabase, type StockDatabase } from '../test-support/shelf-database.js';
import { createTestApplier, createTestHandler, type TestHandler } from '../test-support/test-handler.js';
import { single } from '../testing/deliveries.js';

const FREE = 2n;

// A server of its own: a lock on every COMMIT is the whole server's.
let server: TestDatabase;
let stock: StockDatabase;
let handler: TestHandler;
let stranger: Connection;
/** What was told of as a lock that may be one of the whole server. */
let locksOfAll: unknown[];
/** What was told of locks on no row of a group. */
let unknownLocks: object[];

beforeAll(async () => {
  server = await startTestDatabase();
});
afterAll(() => server?.stop());
beforeEach(async () => {
  [locksOfAll, unknownLocks] = [[], []];
  stock = await createStockDatabase(`127.0.0.1:${server.port}`);
  handler = createHandler(stock.connect({ lockWaitSeconds: 1 }));
  await stock.seed(FREE, 1_000);
  await handler.handle([single('a', FREE, 1)]);
  // As the rounds of forgetting keep it.
  await stock.database.run((db) => changeRows(db, sql`UPDATE retention SET floor = NOW(3) - INTERVAL 7 DAY`));
  stranger = await createConnection({ uri: stock.url });
  await stranger.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
});
afterEach(async () => {
  await stranger.end();
  await stock.close();
});

function createHandler(database: Database): TestHandler {
  const applyGroup = createTestApplier(database, {
    floorReachMs: floorReachMs(60_000, 5_000),
    reportOutage: (error) => void locksOfAll.push(error),
    unknownLock: (fields) => void unknownLocks.push(fields),
  });
  return createTestHandler(database, { applyGroup });
}

describe('a lock that is on no row, so that nobody can go around it', () => {
  it.each([
    [
      'the end of tx_log, where new keys go',
      ["SELECT COUNT(*) FROM tx_log WHERE tx_no > 'm' FOR UPDATE"],
      'ROLLBACK',
    ],
    [
      'every COMMIT, as a backup takes it',
      ['START', 'FLUSH', 'BLOCK_DDL', 'BLOCK_COMMIT'].map((stage) => `BACKUP STAGE ${stage}`),
      'BACKUP STAGE END',
    ],
  ])('is told, waited for once a group, and makes no dead letter: %s', async (_, statements, end) => {
    if (end === 'ROLLBACK') await stranger.query('START TRANSACTION');
    for (const statement of statements) await stranger.query(statement);
    const messages = ['v', 'w', 'x'].map((txNo) => single(txNo, FREE, 1));
    const waits: number[] = [];
    for (const message of messages) {
      expect((await handler.handle([message]))[0]?.done).toBe(false);
      waits.push(locksOfAll.length);
    }
    expect(locksOfAll.every(isLockWait)).toBe(true);
    // The first group looks twice, since it may have been one of ours.
    expect(waits).toEqual([2, 3, 4]);
    expect(unknownLocks).toEqual(
      ['v', 'w', 'x'].map((txNo) => ({ alarm: 'UNKNOWN_LOCK', transactions: 1, txNos: [txNo] })),
    );
    await stranger.query(end);
    expect((await handler.handle(messages)).map(({ done }) => done)).toEqual([true, true, true]);
    expect((await stock.stockOf(FREE))?.totalCount).toBe(996n);
    expect(await stock.select('SELECT * FROM dead_letter')).toEqual([]);
  });

  it('holds up only those who need it: a gap between keys', async () => {
    await stranger.query('START TRANSACTION');
    await handler.handle([single('m', FREE, 1)]);
    await stranger.query("SELECT COUNT(*) FROM tx_log WHERE tx_no > 'n' FOR UPDATE");
    for (const held of ['x', 'y']) {
      expect((await handler.handle([single(held, FREE, 1)]))[0]?.done).toBe(false);
      expect((await handler.handle([single(`b-${held}`, FREE, 1)]))[0]?.done).toBe(true);
    }
  });
});
