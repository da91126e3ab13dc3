import { startTestDatabase, type TestDatabase } from '@txmsg/stack/testing';
import { createConnection } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { asciiKey } from './columns.js';
import { mysqlTable } from './drizzle.js';
import { UnfitServerError } from './unfit-server.js';
import { type WatchedDatabase, watchDatabase } from './watch-database.js';

const part = mysqlTable('part', { key: asciiKey('key').primaryKey() });
const CREATE = 'CREATE TABLE part (`key` varchar(64) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY)';

let server: TestDatabase;
const opened: WatchedDatabase[] = [];

beforeAll(async () => {
  server = await startTestDatabase();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ database }) => database.close()));
});
afterAll(() => server?.stop());

async function execute(url: string, statement: string): Promise<void> {
  const connection = await createConnection(url);
  await connection.query(statement);
  await connection.end();
}

/** Watches a database, and notes what is logged and called. */
function watch(dbUrl: string, onReady = async () => {}) {
  const seen: string[] = [];
  const note = (level: string) => (_: object, message: string) => void seen.push(`${level}: ${message}`);
  const logger = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
  const watched = watchDatabase(
    { dbUrl, dbConnections: 2, dbTimeoutMs: 1_000 },
    {
      name: 'part',
      whileAway: 'nothing is sold',
      tables: [part],
      optionalColumns: [],
      logger,
      onReady,
      onChange: (available) => void seen.push(`available: ${available}`),
    },
  );
  opened.push(watched);
  return { ...watched, seen };
}

it('looks at the start: first the tables, then what the service adds', async () => {
  const url = await server.createDatabase('watch-start');
  let ready = 0;
  const { look, monitor } = watch(url, async () => {
    ready += 1;
  });
  await expect(look()).rejects.toThrow(UnfitServerError);
  expect(ready).toBe(0);
  await execute(url, CREATE);
  await look();
  expect(ready).toBe(1);
  expect(monitor.available).toBe(true);
});

it('starts without the server, and logs when it is away and when it is back', async () => {
  const url = await server.createDatabase('watch-outage');
  await execute(url, CREATE);
  server.pause();
  const { look, monitor, seen } = watch(url);
  await look();
  await expect.poll(() => monitor.available).toBe(false);
  expect(seen).toEqual(['error: part database is away: nothing is sold', 'available: false']);
  server.resume();
  const stopping = new AbortController();
  const running = monitor.run(stopping.signal);
  await expect.poll(() => monitor.available).toBe(true);
  stopping.abort();
  await running;
  expect(seen.slice(2)).toEqual(['info: part database is back', 'available: true']);
});

it('counts a server that has become unfit as down, with one line that names the faults', async () => {
  const url = await server.createDatabase('watch-unfit');
  const { monitor, seen } = watch(url);
  const stopping = new AbortController();
  const running = monitor.run(stopping.signal);
  await expect.poll(() => monitor.available).toBe(false);
  await execute(url, CREATE);
  await expect.poll(() => monitor.available).toBe(true);
  stopping.abort();
  await running;
  expect(seen).toEqual([
    'error: the part database can not be used as it is',
    'available: false',
    'info: part database is back',
    'available: true',
  ]);
});
