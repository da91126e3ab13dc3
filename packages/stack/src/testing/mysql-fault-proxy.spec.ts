import { type Connection, createConnection } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createMysqlFaultProxy, type MysqlFaultProxy } from './mysql-fault-proxy.js';
import { startTestDatabase, type TestDatabase } from './test-database.js';

let server: TestDatabase;
let proxy: MysqlFaultProxy;
let url: string;
const connections: Connection[] = [];

beforeAll(async () => {
  server = await startTestDatabase();
  proxy = await createMysqlFaultProxy({ target: `127.0.0.1:${server.port}` });
  const address = new URL(await server.createDatabase('fault-proxy'));
  address.host = proxy.address;
  url = address.href;
  const connection = await open();
  await connection.query('CREATE TABLE t (id INT PRIMARY KEY)');
});
afterEach(() => {
  for (const connection of connections.splice(0)) connection.destroy();
});
afterAll(async () => {
  await proxy?.close();
  await server?.stop();
});

async function open(): Promise<Connection> {
  const connection = await createConnection({ uri: url, multipleStatements: true });
  connection.on('error', () => {});
  connections.push(connection);
  return connection;
}

async function idsOf(connection: Connection): Promise<number[]> {
  const [rows] = await connection.query('SELECT id FROM t ORDER BY id');
  return (rows as { id: number }[]).map(({ id }) => id);
}

async function commit(connection: Connection, id: number): Promise<unknown> {
  await connection.query(`START TRANSACTION; INSERT INTO t VALUES (${id})`);
  return connection.query('COMMIT').then(
    () => undefined,
    (error: unknown) => error,
  );
}

test('answers instead of the server, which keeps the transaction open', async () => {
  const connection = await open();
  const fault = proxy.fail({ statement: /^COMMIT$/, errno: 2013, when: 'INSTEAD', times: 1 });
  expect(await commit(connection, 1)).toMatchObject({ errno: 2013, sqlState: 'HY000' });
  expect(fault.hits).toBe(1);
  await connection.query('ROLLBACK');
  expect(await idsOf(connection)).toEqual([]);
  expect(await commit(connection, 1)).toBeUndefined();
});

test('answers after the server has run it, also what has several replies', async () => {
  const connection = await open();
  const atCommit = proxy.fail({ statement: /^COMMIT$/, errno: 1105, sqlState: '08S01', when: 'AFTER' });
  expect(await commit(connection, 2)).toMatchObject({ errno: 1105, sqlState: '08S01' });
  expect(await idsOf(connection)).toContain(2);
  atCommit.stop();
  const atInsert = proxy.fail({ statement: /INSERT/, errno: 1053, when: 'AFTER' });
  await expect(connection.query('INSERT INTO t VALUES (3); INSERT INTO t VALUES (4)')).rejects.toMatchObject({
    errno: 1053,
  });
  expect(await idsOf(await open())).toEqual(expect.arrayContaining([3, 4]));
  atInsert.stop();
  expect(atInsert.hits).toBe(1);
});

test('ends the connection after the error packet, when it is told to', async () => {
  const connection = await open();
  const fault = proxy.fail({ statement: /^COMMIT$/, errno: 1053, when: 'AFTER', thenClose: true, times: 1 });
  const ended = new Promise((resolve) => connection.once('end', resolve));
  expect(await commit(connection, 5)).toMatchObject({ errno: 1053 });
  await ended;
  expect(fault.hits).toBe(1);
  expect(await idsOf(await open())).toContain(5);
});

test('breaks a connection whose replaced reply has rows', async () => {
  const connection = await open();
  const fault = proxy.fail({ statement: /^SELECT id/, errno: 1105, when: 'AFTER' });
  await expect(idsOf(connection)).rejects.toMatchObject({ code: 'PROTOCOL_CONNECTION_LOST' });
  fault.stop();
});

test('forwards long packets, piece by piece', async () => {
  const connection = await open();
  const [rows] = await connection.query(
    `SELECT LENGTH('${'x'.repeat(500_000)}') AS bytes, REPEAT('y', 300000) AS y`,
  );
  expect(rows).toMatchObject([{ bytes: 500_000, y: 'y'.repeat(300_000) }]);
});
