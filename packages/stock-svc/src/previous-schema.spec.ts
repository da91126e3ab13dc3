import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { optionalColumns } from '@txmsg/inbox';
import { delivery, single, txMessage } from '@txmsg/inbox/testing';
import { createDatabase, createServerCheck, type Database, migrateDatabase, selectRows } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { inboxTables, tables } from './store/schema.js';
import { addStock, findStock } from './store/stock.js';
import { createTestHandler, type TestHandler } from './test-support/test-handler.js';

const FOLDER = fileURLToPath(new URL('../drizzle', import.meta.url));
const PREVIOUS = '0002_participants_and_letters';
const APPLIED = { outcome: 'APPLIED', reason: '' };

let folder: string;
let url: string;
let database: Database;
let handler: TestHandler;

/** The migrations up to the release before this one. */
function previousMigrations(): string {
  const path = join(folder, 'drizzle');
  cpSync(FOLDER, path, { recursive: true });
  const file = join(path, 'meta', '_journal.json');
  const journal = JSON.parse(readFileSync(file, 'utf8')) as { entries: { tag: string }[] };
  const count = 1 + journal.entries.findIndex(({ tag }) => tag === PREVIOUS);
  writeFileSync(file, JSON.stringify({ ...journal, entries: journal.entries.slice(0, count) }));
  return path;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'txmsg-previous-schema-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(async () => {
  url = `mysql://txmsg:txmsg@${inject('databaseAddress')}/previous-${randomUUID()}`;
  await migrateDatabase(url, previousMigrations());
  database = createDatabase({ url });
  await database.transact((tx) => addStock(tx, { requestId: randomUUID(), productId: 1n, count: 100n }));
  handler = createTestHandler(database);
  return () => database.close();
});

function rows(statement: string) {
  return database.run((db) => selectRows<Record<string, unknown>>(db, sql.raw(statement)));
}

async function left() {
  return (await database.run((db) => findStock(db, 1n)))?.totalCount;
}

it('this version runs on the schema before it, which its check of the server lets pass', async () => {
  const fit = createServerCheck(database, tables, () => undefined, optionalColumns(inboxTables));
  await expect(fit.run()).resolves.toBeUndefined();
  const strict = createServerCheck(database, tables, () => undefined);
  await expect(strict.run()).rejects.toThrow('tx_log.type');
  await handler.handle([single('one', 1, 3)]);
  await handler.handle([{ ...single('one', 1, 3), attempt: 2 }, single('two', 1, 1)]);
  expect(handler.outcomeOf('one')).toEqual(APPLIED);
  expect(handler.counters).toMatchObject({ applied: 2, duplicates: 1 });
  expect(await left()).toBe(96n);
  expect(handler.published).toMatchObject([{ type: 'TakeStock' }, { type: 'TakeStock' }]);
});

it('goes on while the migration comes, and stores the type and the time from then on', async () => {
  await handler.handle([single('before', 1, 1)]);
  await migrateDatabase(url, FOLDER);
  // A second replica that has not looked since.
  const other = createTestHandler(database);
  other.detectColumns = async () => undefined;
  await other.handle([single('between', 1, 1)]);
  const body = { txMessages: ['before', 'between', 'after'].map((txNo) => txMessage(txNo, 1, 1)) };
  await handler.handle([delivery(body)]);
  await handler.handle([{ ...delivery(body), attempt: 2 }]);
  expect(handler.counters).toMatchObject({ applied: 2, duplicates: 5, mismatches: 0 });
  expect(await left()).toBe(97n);
  const statement =
    'SELECT tx_no, type, ABS(TIMESTAMPDIFF(SECOND, applied_time, NOW(3))) < 60 AS is_new FROM tx_log ORDER BY tx_no';
  expect(await rows(statement)).toEqual([
    { tx_no: 'after', type: 'TakeStock', is_new: 1 },
    { tx_no: 'before', type: null, is_new: null },
    { tx_no: 'between', type: null, is_new: null },
  ]);
});

it('leaves the replicas of before alone: their statements still work', async () => {
  await migrateDatabase(url, FOLDER);
  await rows(
    "INSERT INTO tx_log (tx_no, create_time, product_id, pay_count, outcome, reason, participant) VALUES ('by-old', NOW(3), 1, 1, 'APPLIED', '', 'order-svc')",
  );
  await handler.handle([single('by-old', 1, 1)]);
  expect(handler.counters).toMatchObject({ applied: 0, duplicates: 1 });
});

it('can be migrated again when it was not put on record: the columns are there already', async () => {
  await migrateDatabase(url, FOLDER);
  const record = 'DELETE FROM __drizzle_migrations ORDER BY created_at DESC LIMIT 1';
  await rows(record);
  await expect(migrateDatabase(url, FOLDER)).resolves.toBeUndefined();
});

it('is migrated without a copy of the table: the server adds the columns at once', async () => {
  const text = readFileSync(join(FOLDER, '0003_inbox_columns.sql'), 'utf8')
    .replace(/^--.*$/gm, '')
    .trim();
  await rows(`${text.replace(/;$/, '')}, ALGORITHM=INSTANT`);
});
