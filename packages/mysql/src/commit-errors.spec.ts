import {
  createMysqlFaultProxy,
  type MysqlFaultProxy,
  startTestDatabase,
  type TestDatabase,
} from '@txmsg/stack/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, type Database } from './database.js';
import { sql } from './drizzle.js';
import { CommitInDoubtError, isLockWaitTimeout, isOutage, mysqlErrorNumber } from './errors.js';

let server: TestDatabase;
let proxy: MysqlFaultProxy;
let database: Database;
let nextId = 0;

beforeAll(async () => {
  server = await startTestDatabase();
  proxy = await createMysqlFaultProxy({ target: `127.0.0.1:${server.port}` });
  const url = new URL(await server.createDatabase('commit-errors'));
  url.host = proxy.address;
  database = createDatabase({ url: url.href, connections: 1 });
  await database.run((db) => db.execute(sql`CREATE TABLE t (id INT PRIMARY KEY)`));
});
afterAll(async () => {
  await database?.close();
  await proxy?.close();
  await server?.stop();
});

const insertNext = async () => {
  nextId += 1;
  const id = nextId;
  const error = await database
    .transact((tx) => tx.execute(sql`INSERT INTO t VALUES (${id})`))
    .then(
      () => undefined,
      (fault: unknown) => fault,
    );
  return { id, error };
};
const isStored = (id: number) =>
  database.run(
    async (db) =>
      ((await db.execute(sql`SELECT id FROM t WHERE id = ${id}`))[0] as unknown as unknown[]).length === 1,
  );
const connectionId = async () =>
  (await database.run((db) => db.execute(sql`SELECT CONNECTION_ID() AS id`)))[0];

const LEAVE_IT_OPEN = [1047, 1053, 1062, 1105, 1158, 1180, 1290, 1317, 1927, 2006, 2013, 3100, 4031, 9001];

describe.each(['INSTEAD', 'AFTER'] as const)('an error packet %s of a COMMIT', (when) => {
  it.each(LEAVE_IT_OPEN)('leaves it in doubt: %i', async (errno) => {
    const before = await connectionId();
    const fault = proxy.fail({ statement: /^COMMIT$/, errno, when, times: 1 });
    const { id, error } = await insertNext();
    expect(fault.hits).toBe(1);
    expect(error).toBeInstanceOf(CommitInDoubtError);
    expect(await connectionId()).not.toEqual(before);
    expect(await isStored(id)).toBe(when === 'AFTER');
  });
});

it.each([1205, 1213, 3101])('a COMMIT that the server says it rolled back is no doubt: %i', async (errno) => {
  proxy.fail({ statement: /^COMMIT$/, errno, when: 'INSTEAD', times: 1 });
  const { id, error } = await insertNext();
  expect(mysqlErrorNumber(error)).toBe(errno);
  // A lock at COMMIT belongs to the whole server, never to one row.
  expect([isOutage(error), isLockWaitTimeout(error)]).toEqual([errno !== 1213, false]);
  expect(await isStored(id)).toBe(false);
});

it.each([1053, 1105, 1290, 1317, 2006, 2013, 9001])(
  'after %i at a statement its connection is not used again',
  async (errno) => {
    for (const statement of [/^START TRANSACTION/, /^insert/i, /^SELECT 1/]) {
      const before = await connectionId();
      const fault = proxy.fail({ statement, errno, when: 'INSTEAD', times: 1 });
      const error =
        statement.source === '^SELECT 1'
          ? await database.run((db) => db.execute(sql`SELECT 1`)).catch((fault: unknown) => fault)
          : (await insertNext()).error;
      expect([fault.hits, mysqlErrorNumber(error), isOutage(error)]).toEqual([1, errno, true]);
      expect(await connectionId()).not.toEqual(before);
    }
  },
);
