import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { migrateDatabase, mysqlErrorNumber } from '@txmsg/mysql';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { v7 as uuidv7 } from 'uuid';
import { expect, inject, it } from 'vitest';

const KILLS = 100;
const UNKNOWN_DATABASE = 1049;
const PROGRAM = fileURLToPath(new URL('../dist/migrate.js', import.meta.url));
const FOLDER = fileURLToPath(new URL('../drizzle', import.meta.url));

const newUrl = () => `mysql://txmsg:txmsg@${inject('databaseAddress')}/killed-${uuidv7()}`;

/**
 * Runs the program; with a time it is killed when that has passed since it made its database. Resolves with the time from
 * then on, in milliseconds.
 */
async function runProgram(url: string, killAfterMs?: number): Promise<number> {
  const child = spawn(process.execPath, [PROGRAM], {
    env: { ...process.env, TXMSG_ORDER_DB_URL: url },
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  const server = await createConnection(Object.assign(new URL(url), { pathname: '' }).href);
  while (child.exitCode === null && !(await exists(server, url))) await pause(2);
  const begin = performance.now();
  if (killAfterMs !== undefined) {
    await pause(killAfterMs);
    child.kill('SIGKILL');
  }
  await Promise.all([exited, server.end()]);
  return performance.now() - begin;
}

async function exists(server: Connection, url: string): Promise<boolean> {
  const name = new URL(url).pathname.slice(1);
  const [rows] = await server.query<RowDataPacket[]>('SHOW DATABASES LIKE ?', [name]);
  return rows.length > 0;
}

/** What is in a database: its tables as they are defined, and the migrations on record. */
async function schemaOf(url: string): Promise<{ tables: unknown[]; migrations: unknown[] }> {
  const connection = await createConnection(url);
  try {
    const rows = async (sql: string) => (await connection.query<RowDataPacket[]>(sql))[0];
    const names = (await rows('SHOW TABLES')).map((row) => String(Object.values(row)[0]));
    const tables = [];
    for (const name of names) {
      const [table] = await rows(`SHOW CREATE TABLE \`${name}\``);
      // The counter of a table is no part of its definition: an insert that was cut off may have used a number.
      tables.push(String(table?.['Create Table']).replace(/ AUTO_INCREMENT=\d+/, ''));
    }
    const known = names.includes('__drizzle_migrations');
    const migrations = known ? await rows('SELECT hash FROM __drizzle_migrations ORDER BY created_at') : [];
    return { tables, migrations };
  } finally {
    await connection.end();
  }
}

/** Whether a kill has left a database with some of the tables, or with all and some of the migrations. */
async function isHalfDone(url: string, whole: { migrations: unknown[] }): Promise<boolean> {
  try {
    const { tables, migrations } = await schemaOf(url);
    return tables.length > 0 && migrations.length < whole.migrations.length;
  } catch (error) {
    if (mysqlErrorNumber(error) === UNKNOWN_DATABASE) return false;
    throw error;
  }
}

it(`a migration that was killed at random, ${KILLS} times, is finished by the next run`, async () => {
  const calm = newUrl();
  const workMs = await runProgram(calm);
  const killed: string[] = [];
  // Two at a time, so that each takes longer than the calm one.
  const killSome = async () => {
    while (killed.length < KILLS) {
      const url = newUrl();
      killed.push(url);
      await runProgram(url, workMs * Math.random());
    }
  };
  await Promise.all([killSome(), killSome()]);
  const whole = await schemaOf(calm);
  const halfDone = [];
  for (const url of killed) if (await isHalfDone(url, whole)) halfDone.push(url);
  expect(halfDone.length).toBeGreaterThan(0);
  for (const url of killed) {
    await migrateDatabase(url, FOLDER);
    expect(await schemaOf(url)).toEqual(whole);
  }
}, 300_000);
