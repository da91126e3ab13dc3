import { createTcpProxy, startTestDatabase, type TestDatabase } from '@txmsg/stack/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, type Database } from './database.js';
import { sql } from './drizzle.js';
import {
  CommitInDoubtError,
  isDuplicateKey,
  isOutage,
  isSaturated,
  mysqlErrorNumber,
  TransactionTimeoutError,
} from './errors.js';
import type { Queryable } from './held-connection.js';
import { textLiteral } from './literals.js';

let server: TestDatabase;
let url: string;
let database: Database;

beforeAll(async () => {
  server = await startTestDatabase();
  url = await server.createDatabase('mysql-spec');
  database = createDatabase({ url });
  await database.run((db) => db.execute(sql`CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(8) NOT NULL)`));
});
afterAll(async () => {
  await database?.close();
  await server?.stop();
});

const rows = async () => {
  const [found] = await database.run((db) => db.execute(sql`SELECT id, v FROM t ORDER BY id`));
  return found as unknown as { id: number; v: string }[];
};
const insert = (id: number, value = '') => sql`INSERT INTO t VALUES (${id}, ${value})`;

/** The error of a promise that must reject. */
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable('it succeeded'),
    (error: unknown) => error,
  );

describe('a session', () => {
  it('is READ COMMITTED, at UTC, strict, and escapes with backslashes', async () => {
    await database
      .run((db) => db.execute(sql`SET GLOBAL sql_mode = 'NO_BACKSLASH_ESCAPES'`))
      .catch(() => undefined);
    const fresh = createDatabase({ url });
    const text = "a'b\\'";
    const [found] = await fresh.run((db) =>
      db.execute(sql.raw(`SELECT @@time_zone AS zone, ${textLiteral(text)} AS text`)),
    );
    expect(found).toMatchObject([{ zone: '+00:00', text }]);
    const tooLong = await failure(fresh.run((db) => db.execute(insert(900, 'far too long'))));
    expect(mysqlErrorNumber(tooLong)).toBe(1406);
    await fresh.close();
  });
});

describe('first statements of a transaction', () => {
  const first = (...statements: string[]) => ({ statements: async () => statements });

  it('run in it, before its work', async () => {
    const { statements } = first("INSERT INTO t VALUES (50, 'a')", "INSERT INTO t VALUES (51, 'b;c')");
    const seen = await database.transactAfter(statements, async (tx) => {
      const [found] = await tx.execute(sql`SELECT id FROM t WHERE id >= 50 ORDER BY id`);
      await tx.execute(sql`DELETE FROM t WHERE id = 51`);
      return found;
    });
    expect(seen).toMatchObject([{ id: 50 }, { id: 51 }]);
    expect(await rows()).toEqual([{ id: 50, v: 'a' }]);
  });

  it('are rolled back together, and none is run after the one that failed', async () => {
    const { statements } = first(
      "INSERT INTO t VALUES (52, '')",
      "INSERT INTO t VALUES (50, '')",
      'CREATE TABLE never (id INT)',
    );
    const error = await failure(database.transactAfter(statements, () => expect.unreachable('the work ran')));
    expect(isDuplicateKey(error)).toBe(true);
    expect(await rows()).toEqual([{ id: 50, v: 'a' }]);
    await database.run((db) => db.execute(sql`CREATE TABLE never (id INT)`));
    await database.run((db) => db.execute(sql`DELETE FROM t`));
  });
});

describe('a session of a vanished client', () => {
  it('ends when its transaction was idle for twice the deadline, and later for a snapshot', async () => {
    const limited = createDatabase({ url, timeoutMs: 1_200, connections: 1 });
    const show = sql`SHOW VARIABLES WHERE Variable_name IN ('idle_transaction_timeout', 'wait_timeout')`;
    const limitOf = async (on: Pick<Database, 'run'>) => {
      const found = (await on.run((db) => db.execute(show)))[0] as unknown as {
        Variable_name: string;
        Value: string;
      }[];
      const values = new Map(found.map((row) => [row.Variable_name, Number(row.Value)]));
      return values.get('idle_transaction_timeout') ?? values.get('wait_timeout');
    };
    const usual = await limitOf(limited);
    expect([3, 60]).toContain(usual);
    const snapshot = await limited.openSnapshot(100_000);
    expect(await limitOf({ run: snapshot.read })).toBe(200);
    await snapshot.close();
    expect(await limitOf(limited)).toBe(usual);
    await limited.close();
  });
});

describe('a pool in full use', () => {
  it('is saturated, and no outage; pings pass it by', async () => {
    const small = createDatabase({ url, timeoutMs: 200, connections: 1 });
    const snapshot = await small.openSnapshot(10_000);
    const refusals = [small.openSnapshot(10_000), small.run((db) => db.execute(sql`SELECT 1`))];
    for (const error of await Promise.all(refusals.map(failure)))
      expect([isSaturated(error), isOutage(error)]).toEqual([true, false]);
    const crowd = Array.from({ length: 1_001 }, () => small.run((db) => db.execute(sql`SELECT 1`)));
    const settled = Promise.allSettled(crowd);
    expect(isSaturated(await failure(Promise.race(crowd)))).toBe(true);
    await small.ping(5_000);
    await snapshot.close();
    await settled;
    await small.close();
  });

  it('is an outage when it waits for connections that cannot be made', async () => {
    const proxy = await createTcpProxy({ target: `127.0.0.1:${server.port}` });
    proxy.dropReplies();
    const far = new URL(url);
    far.host = proxy.address;
    const away = createDatabase({ url: far.href, timeoutMs: 300, connections: 2 });
    const all = await Promise.all([1, 2, 3].map(() => failure(away.run((db) => db.execute(sql`SELECT 1`)))));
    expect(all.map(isOutage)).toEqual([true, true, true]);
    proxy.restore();
    await away.run((db) => db.execute(sql`SELECT 1`));
    await away.close();
    await proxy.close();
  });
});

describe('a transaction', () => {
  it('commits its result, and rolls back at any error', async () => {
    expect(await database.transact(async (tx) => void (await tx.execute(insert(1))))).toBeUndefined();
    const broken = database.transact(async (tx) => {
      await tx.execute(insert(2));
      throw new RangeError('broken');
    });
    expect(await failure(broken)).toBeInstanceOf(RangeError);
    expect((await rows()).map(({ id }) => id)).toEqual([1]);
  });

  it('tells a duplicate key by its number', async () => {
    const error = await failure(database.transact((tx) => tx.execute(insert(1))));
    expect(isDuplicateKey(error)).toBe(true);
    expect(isOutage(error)).toBe(false);
  });

  it('that takes too long is rolled back, and its connection is not used again', async () => {
    const hasty = createDatabase({ url, timeoutMs: 300, connections: 1 });
    const slow = hasty.transact(async (tx) => {
      await tx.execute(insert(3));
      await tx.execute(sql`SELECT SLEEP(20)`);
    });
    expect(await failure(slow)).toBeInstanceOf(TransactionTimeoutError);
    await expect.poll(async () => (await rows()).map(({ id }) => id)).toEqual([1]);
    await hasty.transact((tx) => tx.execute(insert(4)));
    await hasty.close();
  });

  it('whose COMMIT is not answered is in doubt', async () => {
    const proxy = await createTcpProxy({ target: `127.0.0.1:${server.port}` });
    const far = new URL(url);
    far.host = proxy.address;
    const doubtful = createDatabase({ url: far.href, timeoutMs: 500 });
    const lost = doubtful.transact(async (tx) => {
      await tx.execute(insert(5));
      proxy.dropReplies();
    });
    expect(await failure(lost)).toBeInstanceOf(CommitInDoubtError);
    await expect.poll(async () => (await rows()).some(({ id }) => id === 5)).toBe(true);
    proxy.cut();
    expect(isOutage(await failure(doubtful.transact((tx) => tx.execute(insert(6)))))).toBe(true);
    proxy.restore();
    await doubtful.transact((tx) => tx.execute(insert(6)));
    await doubtful.close();
    await proxy.close();
  });
});

describe('a transaction with a deadline of its own', () => {
  const idleLimit = async (pool: Database, ownMs?: number) => {
    const read = async (db: Queryable) => {
      // Only MariaDB limits the time of a transaction; both limit that of a session.
      const [found] = await db.execute(sql`SELECT @@wait_timeout AS seconds`);
      return Number((found as unknown as { seconds: number }[])[0]?.seconds);
    };
    return ownMs === undefined ? pool.run(read) : pool.transactWithin(ownMs, read);
  };

  it('lasts longer than others, and leaves the session as it was', async () => {
    const hasty = createDatabase({ url, connections: 1, timeoutMs: 200 });
    const pause = sql`SELECT SLEEP(0.4)`;
    expect(await failure(hasty.transact((tx) => tx.execute(pause)))).toBeInstanceOf(TransactionTimeoutError);
    await hasty.transactWithin(60_000, async (tx) => {
      await tx.execute(pause);
      await tx.execute(insert(70));
    });
    expect((await rows()).map(({ id }) => id)).toContain(70);
    expect(await idleLimit(hasty, 60_000)).toBe(120);
    expect(await idleLimit(hasty)).toBe(60);
    await failure(hasty.transactWithin(60_000, () => Promise.reject(new Error('its own'))));
    expect(await idleLimit(hasty)).toBe(60);
    await hasty.close();
  });

  it('is rolled back when that has passed', async () => {
    const tooLong = database.transactWithin(200, async (tx) => {
      await tx.execute(insert(71));
      await tx.execute(sql`SELECT SLEEP(1)`);
    });
    expect(await failure(tooLong)).toBeInstanceOf(TransactionTimeoutError);
    await expect.poll(async () => (await rows()).some(({ id }) => id === 71)).toBe(false);
  });
});

describe('a snapshot', () => {
  it('sees one moment, whatever is committed meanwhile', async () => {
    const snapshot = await database.openSnapshot(10_000);
    const count = () =>
      snapshot.read(
        async (db) => ((await db.execute(sql`SELECT id FROM t`))[0] as unknown as unknown[]).length,
      );
    const before = await count();
    await database.transact((tx) => tx.execute(insert(100)));
    expect(await count()).toBe(before);
    await snapshot.close();
    expect((await rows()).length).toBe(before + 1);
  });
});
