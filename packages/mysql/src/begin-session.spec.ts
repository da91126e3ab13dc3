import { createMysqlFaultProxy, startTestDatabase, type TestDatabase } from '@txmsg/stack/testing';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, type Database } from './database.js';
import { sql } from './drizzle.js';
import { isOutage, mysqlErrorNumber } from './errors.js';

let server: TestDatabase;
let url: string;

beforeAll(async () => {
  server = await startTestDatabase();
  url = await server.createDatabase('session-spec');
  const admin = await createConnection(url);
  await admin.query("CREATE USER 'plain'@'%' IDENTIFIED BY 'plain'");
  await admin.query("GRANT ALL ON `session-spec`.* TO 'plain'@'%'");
  await admin.end();
});
afterAll(() => server?.stop());

/** Server defaults that would change what our statements do, each with the value that our sessions have. */
const HOSTILE = [
  ['autocommit', '0', 'ON'],
  ['completion_type', 'CHAIN', 'NO_CHAIN'],
  [
    'sql_mode',
    "'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'",
    /^(IGNORE_SPACE,)?STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION$/,
  ],
  ['time_zone', "'+05:30'", '+00:00'],
  ['tx_isolation', "'SERIALIZABLE'", 'READ-COMMITTED'],
  ['tx_read_only', '1', 'OFF'],
  ['sql_safe_updates', '1', 'OFF'],
  ['sql_select_limit', '1', '18446744073709551615'],
  ['sql_auto_is_null', '1', 'OFF'],
  ['unique_checks', '0', 'ON'],
  ['foreign_key_checks', '0', 'ON'],
  ['check_constraint_checks', '0', 'ON'],
  ['wait_timeout', '1', '60'],
  ['idle_write_transaction_timeout', '1', '10'],
  ['innodb_lock_wait_timeout', '1', '3'],
  ['binlog_format', "'STATEMENT'", 'ROW'],
  ['collation_connection', "'latin1_swedish_ci'", 'utf8mb4_bin'],
  ['character_set_client', "'latin1'", 'utf8mb4'],
  ['character_set_results', "'latin1'", 'utf8mb4'],
] as const;

const statement = (text: string) => (db: Parameters<Parameters<Database['run']>[0]>[0]) =>
  db.execute(sql.raw(text));

describe('a session on a server with hostile defaults', () => {
  let database: Database;
  beforeAll(async () => {
    const admin = await createConnection(url);
    for (const [name, value] of HOSTILE) await admin.query(`SET GLOBAL ${name} = ${value}`);
    await admin.end();
    database = createDatabase({ url });
  });
  afterAll(() => database?.close());

  it.each(HOSTILE.map(([name, value, expected]) => [name, value, expected] as const))(
    '%s = %s does not reach it',
    async (name, _, expected) => {
      const [rows] = await database.run(statement(`SHOW SESSION VARIABLES LIKE '${name}'`));
      const [row] = rows as unknown as { Value: string }[];
      expect(row?.Value).toMatch(expected);
    },
  );

  it('commits what is written outside a transaction', async () => {
    await database.run(statement('CREATE TABLE kept (id INT PRIMARY KEY) ENGINE=InnoDB'));
    await database.run(statement('INSERT INTO kept VALUES (1)'));
    const other = createDatabase({ url });
    const [rows] = await other.run(statement('SELECT id FROM kept'));
    await other.close();
    expect(rows).toEqual([{ id: 1 }]);
  });
});

describe('a session whose settings are refused', () => {
  it('is an outage whose error names the statement and the number, and callers go on when it is over', async () => {
    const proxy = await createMysqlFaultProxy({ target: `127.0.0.1:${server.port}` });
    const through = new URL(url);
    through.host = proxy.address;
    const database = createDatabase({ url: through.href });
    const fault = proxy.fail({ statement: /^SET SESSION TRANSACTION/, errno: 1227, when: 'INSTEAD' });
    const refused = await database.run(statement('SELECT 1')).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      name: 'SessionRefusedError',
      message: expect.stringContaining('SET SESSION TRANSACTION'),
    });
    expect([mysqlErrorNumber(refused), isOutage(refused)]).toEqual([1227, true]);
    fault.stop();
    await database.run(statement('SELECT 1'));
    await database.close();
    await proxy.close();
  });

  it('serves without the binary log format, which needs a privilege', async () => {
    const plain = new URL(url);
    plain.username = 'plain';
    plain.password = 'plain';
    const database = createDatabase({ url: plain.href });
    const [rows] = await database.run(statement('SELECT @@binlog_format AS format, @@time_zone AS zone'));
    expect(rows).toEqual([{ format: 'STATEMENT', zone: '+00:00' }]);
    await database.close();
  });
});
