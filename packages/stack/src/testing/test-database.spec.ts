import { existsSync } from 'node:fs';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestDatabase, type TestDatabase } from './test-database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await startTestDatabase();
});

afterAll(() => database?.stop());

async function query(url: string, sql: string): Promise<RowDataPacket[]> {
  const connection = await createConnection(url);
  try {
    const [rows] = await connection.query<RowDataPacket[]>(sql);
    return rows;
  } finally {
    await connection.end();
  }
}

test('what was committed is there after a kill, on the same port', async () => {
  const url = await database.createDatabase('tx-msg-spec');
  await query(url, 'CREATE TABLE t (id INT PRIMARY KEY) ENGINE=InnoDB');
  await query(url, 'INSERT INTO t VALUES (7)');
  await database.kill();
  await expect(query(url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await database.start();
  expect(await query(url, 'SELECT id FROM t')).toEqual([{ id: 7 }]);
  expect(database.url('tx-msg-spec')).toBe(url);
});

test('commits are durable and the default character set is utf8mb4', async () => {
  const rows = await query(
    database.url('mysql'),
    'SELECT @@innodb_flush_log_at_trx_commit AS flush, @@character_set_server AS charset',
  );
  expect(rows).toEqual([{ flush: 1, charset: 'utf8mb4' }]);
});

test('a paused server goes on when it is resumed', async () => {
  const connection = await createConnection(database.url('mysql'));
  database.pause();
  let answered = false;
  const answer = connection.query('SELECT 1').then(() => {
    answered = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(answered).toBe(false);
  database.resume();
  await answer;
  await connection.end();
});

test('stop removes everything', async () => {
  const other = await startTestDatabase();
  expect(existsSync(other.logFile)).toBe(true);
  await other.stop();
  expect(existsSync(other.logFile)).toBe(false);
});
