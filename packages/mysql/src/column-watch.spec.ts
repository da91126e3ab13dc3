import { randomUUID } from 'node:crypto';
import { startTestDatabase, type TestDatabase } from '@txmsg/stack/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createColumnWatch } from './column-watch.js';
import { createDatabase, type Database } from './database.js';
import { int, mysqlTable, sql, varchar } from './drizzle.js';
import { createServerCheck } from './server-check.js';

let server: TestDatabase;
let database: Database;

beforeAll(async () => {
  server = await startTestDatabase();
  database = createDatabase({ url: await server.createDatabase(`columns-${randomUUID()}`) });
});
afterAll(async () => {
  await database?.close();
  await server?.stop();
});

it('sees columns as soon as a migration has brought all of them, and looks no more', async () => {
  const execute = (statement: string) => database.run((db) => db.execute(sql.raw(statement)));
  let looks = 0;
  const counting: Pick<Database, 'run'> = {
    run: (work) => {
      looks += 1;
      return database.run(work);
    },
  };
  await execute('CREATE TABLE t (id INT PRIMARY KEY) ENGINE=InnoDB');
  const table = mysqlTable('t', { id: int('id').primaryKey(), a: int('a'), b: varchar('b', { length: 9 }) });
  const check = (optional?: string[]) => createServerCheck(database, [table], () => {}, optional).run();
  const watch = createColumnWatch(counting, 't', ['a', 'b']);
  await watch.look();
  expect(watch.present).toBe(false);
  await expect(check()).rejects.toThrow('t.a is missing');
  await expect(check(['t.a', 't.b'])).resolves.toBeUndefined();
  await execute('ALTER TABLE t ADD COLUMN a INT');
  await watch.look();
  expect(watch.present).toBe(false);
  await execute('ALTER TABLE t ADD COLUMN b VARCHAR(9)');
  await watch.look();
  await watch.look();
  expect(watch.present).toBe(true);
  expect(looks).toBe(3);
});
