import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pace } from 'node:timers/promises';
import { createMysqlFaultProxy, startTestDatabase, type TestDatabase } from '@txmsg/stack/testing';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrateDatabase } from './migrate-database.js';
import { readMigrations } from './read-migrations.js';
import { MigrationBlockedError } from './run-statement.js';

const ENGINE = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4';
const FILES = {
  '0000_init': [
    `CREATE TABLE \`account\` (\`id\` int NOT NULL, \`name\` varchar(20) NOT NULL, PRIMARY KEY (\`id\`)) ${ENGINE};`,
    'CREATE INDEX `account_name` ON `account` (`name`);',
    `CREATE TABLE \`entry\` (\`id\` int NOT NULL, PRIMARY KEY (\`id\`)) ${ENGINE};`,
  ],
  '0001_seed': [
    "INSERT INTO `account` VALUES (1, 'first')",
    "UPDATE `account` SET `name` = CONCAT(`name`, '!')",
  ],
  '0002_change': [
    'ALTER TABLE `account` DROP INDEX `account_name`, ADD INDEX `account_name` (`name`,`id`), ALGORITHM=INPLACE, LOCK=NONE;',
    'ALTER TABLE `account` ADD `balance` bigint NOT NULL;',
    'DROP TABLE `entry`;',
  ],
} as const;

let server: TestDatabase;
let folder: string;
let number = 0;
const connections: Connection[] = [];

beforeAll(async () => {
  server = await startTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'txmsg-migrations-'));
  writeMigrations(folder, FILES);
});
afterAll(async () => {
  await Promise.all(connections.map((connection) => connection.end()));
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function writeMigrations(into: string, files: Readonly<Record<string, readonly string[]>>): void {
  mkdirSync(join(into, 'meta'), { recursive: true });
  const tags = Object.keys(files);
  const entries = tags.map((tag, idx) => ({ idx, when: 1_000 + idx, tag, breakpoints: true }));
  writeFileSync(join(into, 'meta', '_journal.json'), JSON.stringify({ entries }));
  for (const tag of tags)
    writeFileSync(join(into, `${tag}.sql`), (files[tag] ?? []).join('\n--> statement-breakpoint\n'));
}

/** A session on this connection's database waits for a change of a table. */
async function waitsForTable(connection: Connection): Promise<boolean> {
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT id FROM information_schema.processlist
     WHERE db = DATABASE() AND info LIKE 'ALTER%' AND state LIKE 'Waiting for table%'`,
  );
  return rows.length > 0;
}

/** A new database, and a connection to it. */
async function newDatabase(): Promise<{ url: string; connection: Connection }> {
  number += 1;
  const url = await server.createDatabase(`migrate-${number}`);
  const connection = await createConnection(url);
  connections.push(connection);
  return { url, connection };
}

async function rowsOf(connection: Connection, sql: string): Promise<RowDataPacket[]> {
  const [rows] = await connection.query<RowDataPacket[]>(sql);
  return rows;
}

/** Table definitions, rows, and which migrations are on record. */
async function stateOf(connection: Connection): Promise<unknown> {
  return [
    await rowsOf(connection, 'SHOW TABLES').then((rows) => rows.map((row) => Object.values(row)[0])),
    await rowsOf(connection, 'SHOW CREATE TABLE account'),
    await rowsOf(connection, 'SELECT * FROM account'),
    await rowsOf(connection, 'SELECT hash, created_at FROM __drizzle_migrations ORDER BY created_at'),
  ];
}

async function undisturbed(): Promise<unknown> {
  const { url, connection } = await newDatabase();
  await migrateDatabase(url, folder);
  return stateOf(connection);
}

describe('a migration', () => {
  it('is done once, however many processes start it at a time', async () => {
    const { url, connection } = await newDatabase();
    await Promise.all([1, 2, 3, 4].map(() => migrateDatabase(url, folder)));
    await migrateDatabase(url, folder);
    expect(await rowsOf(connection, 'SELECT * FROM account')).toEqual([
      { id: 1, name: 'first!', balance: 0 },
    ]);
    expect(await stateOf(connection)).toEqual(await undisturbed());
  });

  it('makes the database, whatever its name', async () => {
    const url = server.url('tx-`msg` ü');
    await migrateDatabase(url, folder);
    const connection = await createConnection(url);
    connections.push(connection);
    expect(await rowsOf(connection, 'SELECT * FROM account')).toHaveLength(1);
  });

  it('uses no named lock of the server, which clusters forbid', async () => {
    const { url } = await newDatabase();
    const proxy = await createMysqlFaultProxy({ target: `127.0.0.1:${server.port}` });
    const fault = proxy.fail({ statement: /GET_LOCK/i, errno: 1105, when: 'INSTEAD' });
    const through = new URL(url);
    through.host = proxy.address;
    await migrateDatabase(through.href, folder);
    expect(fault.hits).toBe(0);
    await proxy.close();
  });

  it('refuses a statement that could not be run again', async () => {
    const { url } = await newDatabase();
    const other = join(folder, 'other');
    writeMigrations(other, { '0000_odd': ['RENAME TABLE `a` TO `b`'] });
    await expect(migrateDatabase(url, other)).rejects.toThrow('statement 1 of 0000_odd');
  });

  it('refuses a table of the same name that is not the one it makes', async () => {
    const { url, connection } = await newDatabase();
    await connection.query('CREATE TABLE account (id int PRIMARY KEY)');
    await expect(migrateDatabase(url, folder)).rejects.toMatchObject({ errno: 1050 });
  });
});

const STEPS = Object.entries(FILES).flatMap(([tag, statements]) =>
  statements.map((_, index) => [tag, index + 1] as const),
);

describe('a migration that a former release left half-done', () => {
  // That release's runner recorded nothing before a file was done, and rolled back the rows written since the last
  // definition.
  it.each(STEPS.filter(([tag]) => tag !== '0001_seed'))(
    '%s after statement %i ends as an undisturbed one',
    async (tag, steps) => {
      const { url, connection } = await newDatabase();
      await connection.query(
        'CREATE TABLE __drizzle_migrations (id serial primary key, hash text not null, created_at bigint)',
      );
      for (const migration of await readMigrations(folder)) {
        const last = migration.tag === tag;
        for (const statement of migration.statements.slice(0, last ? steps : undefined))
          await connection.query(statement);
        if (last) break;
        await connection.query('INSERT INTO __drizzle_migrations (hash, created_at) VALUES (?, ?)', [
          migration.hash,
          migration.createdAt,
        ]);
      }
      await migrateDatabase(url, folder);
      expect(await stateOf(connection)).toEqual(await undisturbed());
    },
  );
});

describe('a migration whose process dies', () => {
  it.each(STEPS)('before %s has noted statement %i: the next one goes on there', async (tag, step) => {
    const { url, connection } = await newDatabase();
    const proxy = await createMysqlFaultProxy({ target: `127.0.0.1:${server.port}` });
    const through = new URL(url);
    through.host = proxy.address;
    // The statement itself has been executed when it is recorded.
    const statement = new RegExp(`SET migration = '${tag}', statements_done = ${step} `);
    const fault = proxy.fail({ statement, errno: 1105, when: 'INSTEAD', thenClose: true });
    await expect(migrateDatabase(through.href, folder)).rejects.toThrow();
    expect(fault.hits).toBe(1);
    await proxy.close();
    await migrateDatabase(url, folder);
    expect(await stateOf(connection)).toEqual(await undisturbed());
  });
});

describe('a table that somebody keeps locked', () => {
  it('is given up in seconds, says who is in the way, and keeps nobody else waiting meanwhile', async () => {
    const { url, connection: reader } = await newDatabase();
    writeMigrations(join(folder, 'begin'), { '0000_init': FILES['0000_init'] });
    await migrateDatabase(url, join(folder, 'begin'));
    await reader.query("INSERT INTO account VALUES (1, 'a')");
    await reader.query('DELETE FROM account');
    await reader.query('START TRANSACTION');
    await reader.query('SELECT * FROM account WHERE id = 1');
    const begin = performance.now();
    let migrating = true;
    let passed = 0;
    const migration = migrateDatabase(url, folder)
      .catch((error: unknown) => error)
      .finally(() => {
        migrating = false;
      });
    const [other, watcher] = await Promise.all([createConnection(url), createConnection(url)]);
    connections.push(other, watcher);
    while (migrating) {
      const isWaiting = await waitsForTable(watcher);
      if (isWaiting) await other.query('SELECT * FROM account WHERE id = 1');
      // The query stood behind the migration, which let it pass and tries again.
      if (isWaiting && migrating) passed += 1;
      await pace(20);
    }
    const error = await migration;
    expect(error).toBeInstanceOf(MigrationBlockedError);
    expect((error as MigrationBlockedError).message).toContain(
      `connection ${reader.threadId} (txmsg@127.0.0.1`,
    );
    expect((error as MigrationBlockedError).message).toContain('account');
    expect(performance.now() - begin).toBeLessThan(20_000);
    expect(passed).toBeGreaterThan(1);
    await reader.query('COMMIT');
    await migrateDatabase(url, folder);
    expect(await stateOf(other)).toEqual(await undisturbed());
  });
});
