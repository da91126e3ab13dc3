import { startTestDatabase, type TestDatabase } from '@txmsg/stack/testing';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { asciiKey } from './columns.js';
import { createDatabase, type Database } from './database.js';
import { int, mysqlEnum, mysqlTable, sql, varchar } from './drizzle.js';
import { createServerCheck } from './server-check.js';
import { variableFaults } from './server-variables.js';
import { UnfitServerError } from './unfit-server.js';

const account = mysqlTable('account', {
  key: asciiKey('key').primaryKey(),
  name: varchar('name', { length: 20 }).notNull(),
  state: mysqlEnum('state', ['OPEN', 'SHUT']).notNull(),
  amount: int('amount').notNull(),
});
const KEY = '`key` varchar(64) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY';
const REST = '`name` varchar(20) CHARACTER SET utf8mb4 NOT NULL, `state` enum("OPEN","SHUT") NOT NULL';

let server: TestDatabase;
const databases: Database[] = [];
let number = 0;

beforeAll(async () => {
  // Such servers turn upper-case letters of a database's name into lower case.
  server = await startTestDatabase({ args: ['--lower-case-table-names=1', '--log-bin', '--server-id=7'] });
});
afterAll(async () => {
  await Promise.all(databases.map((database) => database.close()));
  await server?.stop();
});

/** A pool on a database on which these statements were executed. */
async function databaseWith(...statements: string[]): Promise<Database> {
  number += 1;
  const database = createDatabase({ url: await server.createDatabase(`Check-${number}`) });
  databases.push(database);
  for (const statement of statements) await database.run((db) => db.execute(sql.raw(statement)));
  return database;
}

/** What the check throws. Undefined when it passes. */
async function faultsOf(database: Database): Promise<readonly string[] | undefined> {
  try {
    await createServerCheck(database, [account], () => {}).run();
    return undefined;
  } catch (error) {
    if (error instanceof UnfitServerError) return error.faults;
    throw error;
  }
}

describe('tables', () => {
  it('pass when they are as the schema has them', async () => {
    const database = await databaseWith(`CREATE TABLE account (${KEY}, ${REST}, amount int NOT NULL)`);
    expect(await faultsOf(database)).toBeUndefined();
  });

  it.each(['Aria', 'MyISAM'])('that %s keeps are refused, and told mends them', async (engine) => {
    const database = await databaseWith(
      `CREATE TABLE account (${KEY}, ${REST}, amount int NOT NULL) ENGINE=${engine}`,
    );
    const faults = (await faultsOf(database)) ?? [];
    expect(faults).toHaveLength(1);
    await mend(database, faults);
    expect(await faultsOf(database)).toBeUndefined();
  });

  it('with keys that are not compared byte by byte are refused, and told what mends them; other texts may be latin1', async () => {
    const columns =
      '`key` varchar(64) CHARACTER SET latin1 PRIMARY KEY, `name` varchar(20) CHARACTER SET latin1 NOT NULL';
    const database = await databaseWith(
      `CREATE TABLE account (${columns}, \`state\` enum("OPEN","SHUT") CHARACTER SET latin1 NOT NULL, amount int NOT NULL)`,
    );
    const faults = (await faultsOf(database)) ?? [];
    expect(faults).toEqual([expect.stringContaining('The key account.key')]);
    await mend(database, faults);
    expect(await faultsOf(database)).toBeUndefined();
  });

  it('that are missing, or lack a column, are refused', async () => {
    const database = await databaseWith();
    expect(await faultsOf(database)).toEqual([expect.stringContaining('account is missing')]);
    await database.run((db) => db.execute(sql.raw(`CREATE TABLE account (${KEY}, ${REST})`)));
    expect(await faultsOf(database)).toEqual([expect.stringContaining('account.amount is missing')]);
  });
});

/** Executes the statements that the faults name. */
async function mend(database: Database, faults: readonly string[]): Promise<void> {
  for (const fault of faults) {
    const [, statement = ''] = /(ALTER TABLE .*)\.$/.exec(fault) ?? [];
    await database.run((db) => db.execute(sql.raw(statement)));
  }
}

describe('settings', () => {
  it('are refused when the log is STATEMENT and the account may not change it, told once, and pass when it is mended', async () => {
    const database = await databaseWith(`CREATE TABLE account (${KEY}, ${REST}, amount int NOT NULL)`);
    const admin = await createConnection(server.url('mysql'));
    await admin.query("CREATE USER 'plain'@'%' IDENTIFIED BY 'plain'");
    await admin.query("GRANT ALL ON *.* TO 'plain'@'%'");
    await admin.query("REVOKE SUPER, BINLOG ADMIN ON *.* FROM 'plain'@'%'");
    await admin.query("SET GLOBAL binlog_format = 'STATEMENT'");
    const url = new URL(server.url(`Check-${number}`));
    url.username = 'plain';
    url.password = 'plain';
    const plain = createDatabase({ url: url.href });
    const onFaults = vi.fn();
    const check = createServerCheck(plain, [account], onFaults);
    for (let ping = 1; ping <= 3; ping += 1)
      await expect(check.runAndTell()).rejects.toMatchObject({
        faults: [expect.stringContaining('binlog_format')],
      });
    expect(onFaults).toHaveBeenCalledTimes(1);
    await plain.close();
    // With the privilege, a session has its own format.
    expect(await faultsOf(database)).toBeUndefined();
    await admin.query("SET GLOBAL binlog_format = 'MIXED'");
    const mended = createDatabase({ url: url.href });
    await createServerCheck(mended, [account], onFaults).run();
    await mended.close();
    await admin.end();
  });

  it('are looked at again after each ping, and tables once per server', async () => {
    const database = await databaseWith(`CREATE TABLE account (${KEY}, ${REST}, amount int NOT NULL)`);
    const check = createServerCheck(database, [account], () => {});
    await check.run();
    const admin = await createConnection(server.url('mysql'));
    await admin.query('SET GLOBAL innodb_flush_log_at_trx_commit = 0');
    await expect(check.run()).rejects.toMatchObject({
      faults: [expect.stringContaining('innodb_flush_log_at_trx_commit')],
    });
    await admin.query('SET GLOBAL innodb_flush_log_at_trx_commit = 1');
    await admin.end();
    await database.run((db) => db.execute(sql.raw('ALTER TABLE account ENGINE=Aria')));
    await check.run();
    expect(await faultsOf(database)).toHaveLength(1);
  });

  it('that a proxy keeps back, and packets that are too small, are faults', () => {
    expect(variableFaults(new Map([['autocommit', 'OFF']]))).toHaveLength(1);
    expect(variableFaults(new Map([['time_zone', 'SYSTEM']]))).toHaveLength(1);
    expect(variableFaults(new Map([['max_allowed_packet', '65536']]))).toHaveLength(1);
    expect(variableFaults(new Map())).toEqual([]);
  });
});
