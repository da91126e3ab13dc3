import { createDatabaseMonitor, type Database } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { startTestDatabase, type TestDatabase } from '@txmsg/stack/testing';
import { type Connection, createConnection } from 'mysql2/promise';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createReplica, type Replica } from '../test-support/replica.js';
import type { NewOrder } from '../test-support/shop.js';
import { refusals } from '../test-support/shop.js';
import { createOrderDatabase, type OrderDatabase } from '../test-support/shop-database.js';

// A server of its own: the locks are the whole server's.
let server: TestDatabase;
let orderDatabase: OrderDatabase;
let keeper: Connection;

beforeAll(async () => {
  server = await startTestDatabase();
  orderDatabase = await createOrderDatabase(`127.0.0.1:${server.port}`);
});
beforeEach(async () => {
  keeper = await createConnection(orderDatabase.url);
});
afterEach(() => keeper.end());
afterAll(async () => {
  await orderDatabase?.close();
  await server?.stop();
});

interface Watched {
  readonly database: Database;
  readonly replica: Replica;
  readonly changes: boolean[];
  stop(): Promise<void>;
}

/** A replica whose monitor runs, as in the service. */
async function startReplica(): Promise<Watched> {
  const database = orderDatabase.connect({ lockWaitSeconds: 1 });
  const changes: boolean[] = [];
  const monitor = createDatabaseMonitor(database, {
    onChange(available, error) {
      changes.push(available);
      if (!available) replica.queue.rejectAll(({ txNo }) => refusals.unavailable(txNo, error));
    },
  });
  const replica = await createReplica(
    database,
    { maxGroupsInFlight: 4 },
    {
      isDatabaseThere: () => monitor.check(),
      onOutage: (error) => monitor.reportOutage(error),
      answerWithinMs: 20_000,
    },
  );
  const stopping = new AbortController();
  const running = monitor.run(stopping.signal);
  const stop = async () => {
    stopping.abort();
    await running;
  };
  return { database, replica, changes, stop };
}

const newGroup = (count: number): NewOrder[] =>
  Array.from({ length: count }, () => ({ txNo: uuidv7(), orderNo: uuidv7(), productId: 1n, payCount: 2 }));

const count = async (database: Database, table: string) => {
  const [rows] = await database.run((db) => db.execute(sql.raw(`SELECT COUNT(*) AS n FROM ${table}`)));
  return (rows as unknown as { n: number }[])[0]?.n;
};

const LOCKS: Record<string, { take: readonly string[]; release: string }> = {
  'at COMMIT, as a backup keeps it': {
    take: ['START', 'FLUSH', 'BLOCK_DDL', 'BLOCK_COMMIT'].map((stage) => `BACKUP STAGE ${stage}`),
    release: 'BACKUP STAGE END',
  },
  ...Object.fromEntries(
    ['tx_group', 'tx_log', 'orders'].map((table) => [
      `on the gap of ${table} where new keys go`,
      {
        take: [
          'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
          'START TRANSACTION',
          `SELECT * FROM ${table} FOR UPDATE`,
        ],
        release: 'ROLLBACK',
      },
    ]),
  ),
};

const execute = async (connection: Connection, statements: readonly string[]) => {
  for (const statement of statements) await connection.query(statement);
};

describe.each(Object.entries(LOCKS))('a lock %s', (_name, { take, release }) => {
  it('makes the database count as away, refuses all without writing them singly, and goes by', async () => {
    const { database, replica, changes, stop } = await startReplica();
    const submit = (group: readonly NewOrder[]) =>
      Promise.allSettled(group.map((order) => replica.queue.submit(order)));
    await Promise.all(newGroup(5).map((order) => replica.queue.submit(order)));
    const stored = await count(database, 'orders');
    await execute(keeper, take);
    const group = newGroup(20);
    const results = await submit(group);
    expect(new Set(results.map((result) => result.status === 'rejected' && result.reason.code))).toEqual(
      new Set(['UNAVAILABLE']),
    );
    expect(replica.relay.halves.filter(({ txNos }) => txNos.length === 1)).toEqual([]);
    await expect.poll(() => changes, { timeout: 10_000 }).toEqual([false]);
    await execute(keeper, [release]);
    await expect.poll(() => changes, { timeout: 10_000 }).toEqual([false, true]);
    // The probes that were tried meanwhile have left nothing.
    expect(await count(database, 'orders')).toBe(stored);
    await Promise.all(group.map((order) => replica.queue.submit(order)));
    expect(await count(database, 'orders')).toBe((stored ?? 0) + group.length);
    await stop();
  });
});
