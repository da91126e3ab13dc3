import { randomUUID } from 'node:crypto';
import { startTestDatabase, type TestDatabase } from '@txmsg/stack/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, type Database } from './database.js';
import { sql } from './drizzle.js';
import { isDeadlock } from './errors.js';
import { type LentConnection, lendConnection } from './lent-connection.js';

let server: TestDatabase;
let database: Database;

beforeAll(async () => {
  server = await startTestDatabase();
  const url = await server.createDatabase(`lent-${randomUUID()}`);
  database = createDatabase({ url, connections: 2, timeoutMs: 3_000 });
  await database.run((db) => db.execute(sql`CREATE TABLE t (id INT PRIMARY KEY, v INT) ENGINE=InnoDB`));
});
beforeEach(() => database.run((db) => db.execute(sql`DELETE FROM t`)));
afterAll(async () => {
  await database?.close();
  await server?.stop();
});

const ids = async () => {
  const [rows] = await database.run((db) => db.execute(sql`SELECT id FROM t ORDER BY id`));
  return (rows as unknown as { id: number }[]).map(({ id }) => id);
};

describe('a lent connection', () => {
  it('runs statements of mysql2 and of drizzle in the transaction', async () => {
    await database.transact(async (tx) => {
      const lent = lendConnection(database, tx);
      await lent.client.query('INSERT INTO t VALUES (?, 0)', [1]);
      await lent.client.execute('INSERT INTO t VALUES (?, 0)', [2]);
      await lent.db.execute(sql`INSERT INTO t VALUES (3, 0)`);
      await lent.client.query('SAVEPOINT s');
      await lent.client.query('INSERT INTO t VALUES (4, 0)');
      await lent.client.query('ROLLBACK TO s');
      expect(lent.takeBack()).toBe(true);
    });
    expect(await ids()).toEqual([1, 2, 3]);
  });

  it.each([
    'COMMIT',
    ' rollback',
    'START TRANSACTION',
    'begin',
    'SET autocommit = 1',
    'ALTER TABLE t ADD w INT',
    'TRUNCATE t',
    '/* by a proxy */ COMMIT',
    '-- at the end\nCOMMIT',
    '# at the end\n COMMIT AND CHAIN',
    '/*!50000 COMMIT */',
    "INSERT INTO t VALUES (2, LENGTH('it''s; \\'')); COMMIT",
    "SET sql_mode = '', @@session.autocommit = 1",
    'ANALYZE TABLE t',
    'OPTIMIZE TABLE t',
    'FLUSH TABLES',
    "GRANT SELECT ON *.* TO 'nobody'",
  ])('refuses what would end the transaction: %s', async (statement) => {
    const work = database.transact(async (tx) => {
      const { client } = lendConnection(database, tx);
      await client.query('INSERT INTO t VALUES (1, 0)');
      await client.query(statement);
    });
    await expect(work).rejects.toThrow('ends the transaction');
    expect(await ids()).toEqual([]);
  });

  it.each([
    "INSERT INTO t VALUES (1, LENGTH('; COMMIT'))",
    'INSERT INTO t /* ; COMMIT */ VALUES (1, 0) -- ; COMMIT',
    'INSERT INTO t VALUES (1, 0); SET @autocommits = 1',
    'CREATE TEMPORARY TABLE u (id INT); INSERT INTO t VALUES (1, 0); DROP TEMPORARY TABLE u',
  ])('lets pass what only looks like it: %s', async (statement) => {
    await database.transact(async (tx) => {
      await lendConnection(database, tx).client.query(statement);
    });
    expect(await ids()).toEqual([1]);
  });

  it.each(["EXECUTE IMMEDIATE CONCAT('COM', 'MIT')", 'CALL commits()'])(
    'notices what has ended the transaction without looking like it, and takes no other: %s',
    async (statement) => {
      await database.run((db) => db.execute(sql`CREATE OR REPLACE PROCEDURE commits() COMMIT`));
      const work = database.transact(async (tx) => {
        const lent = lendConnection(database, tx);
        await lent.client.query('INSERT INTO t VALUES (1, 0)');
        await lent.client.query(statement).catch(() => {});
        await lent.client.query('INSERT INTO t VALUES (2, 0)');
      });
      await expect(work).rejects.toThrow('ends the transaction');
      expect(await ids()).toEqual([1]);
    },
  );

  it.each(['SELECT 1 AS serverStatus', 'SELECT 1; DO 1', 'CHECKSUM TABLE t'])(
    'goes on after what has not: %s',
    async (statement) => {
      await database.transact(async (tx) => {
        const { client } = lendConnection(database, tx);
        await client.query('INSERT INTO t VALUES (1, 0)');
        await client.query(statement);
        await client.execute('INSERT INTO t VALUES (?, 0)', [2]);
      });
      expect(await ids()).toEqual([1, 2]);
    },
  );

  it('takes no statement after it was taken back, and says whether one was under way', async () => {
    let kept: LentConnection | undefined;
    let late: Promise<unknown> = Promise.resolve();
    await database.transact(async (tx) => {
      kept = lendConnection(database, tx);
      late = kept.client.query('SELECT SLEEP(0.05)');
      expect(kept.takeBack()).toBe(false);
      await late;
    });
    await expect(kept?.client.query('INSERT INTO t VALUES (9, 0)')).rejects.toThrow('has ended');
    expect(await ids()).toEqual([]);
  });

  it('takes no statement after a deadlock, which has ended the transaction on the server', async () => {
    await database.run((db) => db.execute(sql`INSERT INTO t VALUES (1, 0), (2, 0)`));
    const outcomes = await Promise.all(
      [
        [1, 2],
        [2, 1],
      ].map(([first, second], index) =>
        database
          .transact(async (tx) => {
            const lent = lendConnection(database, tx);
            await lent.client.query('UPDATE t SET v = v + 1 WHERE id = ?', [first]);
            await met(index);
            const error = await lent.client.query('UPDATE t SET v = v + 1 WHERE id = ?', [second]).then(
              () => undefined,
              (cause: unknown) => cause,
            );
            if (error === undefined) return 'committed';
            expect(isDeadlock(error) && lent.broken === error).toBe(true);
            await expect(lent.client.query('INSERT INTO t VALUES (7, 0)')).rejects.toBe(error);
            throw error;
          })
          .catch(() => 'deadlock'),
      ),
    );
    expect([...outcomes].sort()).toEqual(['committed', 'deadlock']);
    expect(await ids()).toEqual([1, 2]);
  });

  it('that is abandoned is closed, whatever its code still does', async () => {
    let kept: LentConnection | undefined;
    const work = database.transact(async (tx) => {
      kept = lendConnection(database, tx);
      await kept.client.query('INSERT INTO t VALUES (1, 0)');
      void kept.client.query('SELECT SLEEP(60)').catch(() => {});
      await kept.abandon();
      throw new Error('given up');
    });
    await expect(work).rejects.toThrow('given up');
    await expect(kept?.client.query('INSERT INTO t VALUES (9, 0)')).rejects.toThrow('has ended');
    // Its locks are free: the session has ended although its statement had not.
    await expect.poll(() => database.run((db) => db.execute(sql`INSERT INTO t VALUES (1, 0)`))).toBeTruthy();
    // Both connections of the pool are available again.
    await Promise.all([ids(), ids()]);
  });
});

/** Resolves when both sides of a deadlock have come here. */
const met = (() => {
  const waiting: (() => void)[] = [];
  return (_side: number) =>
    new Promise<void>((resolve) => {
      waiting.push(resolve);
      if (waiting.length === 2) for (const go of waiting.splice(0)) go();
    });
})();
