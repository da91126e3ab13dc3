import type { Database, Queryable } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tables } from '../test-support/shop.js';
import { createOrderDatabase, type OrderDatabase } from '../test-support/shop-database.js';
import { createShopParticipant } from '../test-support/shop-participant.js';
import { lockDue, oldestUnsettled } from './claims.js';
import { purgeSettled } from './retention.js';

const PENDING = 200_000;
const NOW_MS = Date.UTC(2026, 0, 15);
const DAY = 86_400_000;
/** What a look at the status and the beginning of a range read by themselves. */
const FEW = 20;
const TYPES = [null, 'TakeStock'];

let orderDatabase: OrderDatabase;
let database: Database;

beforeAll(async () => {
  orderDatabase = await createOrderDatabase();
  database = orderDatabase.connect({ timeoutMs: 60_000 });
  await fill('PENDING', PENDING, NOW_MS);
  await fill('SETTLED', 20_000, NOW_MS);
  await database.run((db) => db.execute(sql.raw('ANALYZE TABLE tx_log')));
});
afterAll(() => orderDatabase.close());

/** Rows written one a millisecond until `endMs`, all due an hour after it; the settled ones as settling leaves them. */
async function fill(state: 'PENDING' | 'SETTLED', count: number, endMs: number): Promise<void> {
  const digits =
    '(select 0 d union select 1 union select 2 union select 3 union select 4 union select 5 union select 6 union select 7 union select 8 union select 9)';
  const n = 'a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d + 100000 * g.d';
  const at = (ms: number) => `'${new Date(ms).toISOString().slice(0, 23).replace('T', ' ')}'`;
  const created = `${at(endMs)} - interval (${n}) * 1000 microsecond`;
  const due = state === 'PENDING' ? `${at(endMs + 3_600_000)} - interval (${n}) * 7 microsecond` : created;
  await database.run((db) =>
    db.execute(
      sql.raw(
        `insert into tx_log (tx_no, create_time, transaction_id, state, next_relay_time, relay_count) select concat('${state}-', ${n}), ${created}, 'g', '${state}', ${due}, 1
         from ${['a', 'b', 'c', 'e', 'f', 'g'].map((name) => `${digits} ${name}`).join(', ')} where ${n} < ${count}`,
      ),
    ),
  );
}

/** How many rows or index entries a session's work reads. */
async function readsOf(work: (tx: Queryable) => Promise<unknown>): Promise<number> {
  return database.transact(async (tx) => {
    const before = await handlerReads(tx);
    await work(tx);
    return (await handlerReads(tx)) - before;
  });
}

async function handlerReads(tx: Queryable): Promise<number> {
  const [rows] = await tx.execute(
    sql.raw(
      "show session status where variable_name in ('Handler_read_next', 'Handler_read_rnd_next', 'Handler_read_key')",
    ),
  );
  return (rows as unknown as { Value: string }[]).reduce((sum, { Value }) => sum + Number(Value), 0);
}

describe('with 200,000 unsettled rows', () => {
  it('finds what is due, or that nothing is, without reading the others', async () => {
    expect(
      await readsOf((tx) => lockDue(tx, tables, { now: new Date(NOW_MS), limit: 100, types: TYPES })),
    ).toBeLessThan(FEW);
    expect(
      await readsOf((tx) => lockDue(tx, tables, { now: new Date(NOW_MS + DAY), limit: 100, types: TYPES })),
    ).toBeLessThan(2 * 100 + FEW);
  });

  it('purges what is old enough, and reads nothing when nothing is', async () => {
    const oldestMs = NOW_MS - 19_999;
    expect(await readsOf((tx) => purgeSettled(tx, tables, new Date(oldestMs), 100))).toBeLessThan(FEW);
    const purged: number[] = [];
    const reads = await readsOf(async (tx) => {
      purged.push(await purgeSettled(tx, tables, new Date(oldestMs + 50), 100));
      purged.push(await purgeSettled(tx, tables, new Date(NOW_MS), 100));
    });
    expect(purged).toEqual([50, 100]);
    expect(reads).toBeLessThan(4 * 150 + FEW);
  });

  it('reads the oldest create time from the index alone, and not at each claim', async () => {
    const readings: number[] = [];
    const counting: Database = {
      ...database,
      run: async (work) => {
        let result: Awaited<ReturnType<typeof work>> | undefined;
        readings.push(await readsOf(async (tx) => (result = await work(tx))));
        return result as Awaited<ReturnType<typeof work>>;
      },
    };
    let nowMs = NOW_MS;
    const participant = createShopParticipant(counting, { nowMs: () => nowMs, sync: async () => {} });
    const oldestMs = NOW_MS - (PENDING - 1);
    for (; nowMs < NOW_MS + 9_000; nowMs += 200)
      expect((await participant.claim(10)).oldestUnsettled?.getTime()).toBe(oldestMs);
    expect(readings).toHaveLength(1);
    expect(readings[0]).toBeLessThan(PENDING + FEW);
    const [plan] = await database.run((db) =>
      db.execute(sql.raw("explain select min(create_time) from tx_log where state = 'PENDING'")),
    );
    expect(JSON.stringify(plan)).toContain('Using index');
    expect((await database.run((db) => oldestUnsettled(db, tables)))?.getTime()).toBe(oldestMs);
  });
});
