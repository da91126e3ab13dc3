import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { delivery, single } from '@txmsg/inbox/testing';
import { createDatabase, createServerCheck, type Database, migrateDatabase, selectRows } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { serverDefaults, startTestDatabase, type TestDatabase } from '@txmsg/stack/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tables } from './store/schema.js';
import { addStock, findStock } from './store/stock.js';
import { createTestHandler } from './test-support/test-handler.js';

const FOLDER = fileURLToPath(new URL('../drizzle', import.meta.url));
const GARBAGE = "this is no JSON: '\\ 库存 🚚";

describe.each(serverDefaults)('a server with %s', (_, { args, characterSet }) => {
  let server: TestDatabase;
  let url: string;
  const pools: Database[] = [];
  const connect = () => {
    const pool = createDatabase({ url });
    pools.push(pool);
    return pool;
  };

  beforeAll(async () => {
    server = await startTestDatabase({ args });
    url = await server.createDatabase('Tx-Msg-Stock', characterSet);
    await migrateDatabase(url, FOLDER);
  });
  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.close()));
    await server?.stop();
  });

  it('is fit, an order is applied once, and what can not be read is kept', async () => {
    const database = connect();
    await createServerCheck(database, tables, () => {}).run();
    await database.transact((tx) => addStock(tx, { requestId: randomUUID(), productId: 1n, count: 10n }));
    const handler = createTestHandler(database);
    const message = single('applied-once', 1, 3);
    for (const _time of ['first', 'again']) {
      const handled = await handler.handle([message, delivery(GARBAGE)]);
      expect(handled.map(({ done }) => done)).toEqual([true, true]);
    }
    expect(handler.outcomeOf('applied-once')).toEqual({ outcome: 'APPLIED', reason: '' });
    // Another pool sees what has been committed.
    const other = connect();
    expect(await other.run((db) => findStock(db, 1n))).toMatchObject({ totalCount: 7n, takenTotal: 3n });
    const letters = await other.run((db) =>
      selectRows<{ body: Buffer; attempts: number; age: number }>(
        db,
        sql`SELECT body, attempts, ABS(TIMESTAMPDIFF(SECOND, create_time, UTC_TIMESTAMP())) AS age FROM dead_letter`,
      ),
    );
    expect(letters).toMatchObject([{ body: Buffer.from(GARBAGE), attempts: 2 }]);
    expect(Number(letters[0]?.age)).toBeLessThan(60);
  });
});
