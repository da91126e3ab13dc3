import type { Database } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { doublingsSoFar, relayDelayMs } from '../domain/republication.js';
import { createOrderDatabase, type OrderDatabase } from '../test-support/shop-database.js';
import { delaySql, doublingsSoFarSql } from './claims.js';

let orderDatabase: OrderDatabase;
let database: Database;

beforeAll(async () => {
  orderDatabase = await createOrderDatabase();
  database = orderDatabase.connect();
});
afterAll(() => orderDatabase.close());

it.each([
  { firstMs: 10_000, maxMs: 3_600_000 },
  { firstMs: 10, maxMs: 10 },
  { firstMs: 1_234.5, maxMs: 86_400_000 },
  { firstMs: 1, maxMs: 1e15 },
  { firstMs: 86_400_000, maxMs: 8_640_000_000_000 },
])('the delay in SQL is that of the domain: %o', async (limits) => {
  for (let count = 0; count <= 40; count += 1) {
    const [rows] = await database.run((db) =>
      db.execute(
        sql`SELECT ${delaySql(sql`${count}`, limits)} AS published, ${delaySql(doublingsSoFarSql(sql`${count}`), limits)} AS waiting`,
      ),
    );
    const [row] = rows as unknown as { published: number; waiting: number }[];
    expect(Number(row?.published)).toBeCloseTo(relayDelayMs(count, limits), 3);
    expect(Number(row?.waiting)).toBeCloseTo(relayDelayMs(doublingsSoFar(count), limits), 3);
  }
});
