import { createTcpProxy, startTestDatabase, type TcpProxy, type TestDatabase } from '@txmsg/stack/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, type Database, type DatabaseOptions } from './database.js';
import { sql } from './drizzle.js';
import { isOutage } from './errors.js';

/** One way. A session needs five round trips before its first statement. */
const DELAY_MS = 150;
const ATTEMPTS = 8;

let server: TestDatabase;
let proxy: TcpProxy;
let url: string;
const pools: Database[] = [];

beforeAll(async () => {
  server = await startTestDatabase();
  url = await server.createDatabase('slow');
});
beforeEach(async () => {
  proxy = await createTcpProxy({ target: `127.0.0.1:${server.port}` });
  proxy.slow(DELAY_MS);
});
afterEach(async () => {
  proxy.slow(0);
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
  await proxy.close();
});
afterAll(() => server?.stop());

function connect(options: Partial<DatabaseOptions> = {}): Database {
  const address = new URL(url);
  address.host = proxy.address;
  const pool = createDatabase({ url: address.href, ...options });
  pools.push(pool);
  return pool;
}

/** Makes attempts, one after the other, until one succeeds. Returns the errors of the failed ones. */
async function failuresOf(attempt: () => Promise<unknown>): Promise<unknown[]> {
  const failures: unknown[] = [];
  while (failures.length < ATTEMPTS) {
    try {
      await attempt();
      return failures;
    } catch (error) {
      failures.push(error);
    }
  }
  throw new AggregateError(failures, 'no attempt succeeded');
}

describe('a server to which a connection takes longer than a caller waits', () => {
  it('is reached by a later caller, who gets the connection that was too late for the first', async () => {
    const pool = connect({ timeoutMs: 1_200, connections: 2 });
    const failures = await failuresOf(() => pool.run((db) => db.execute(sql`SELECT 1`)));
    expect(failures.length).toBeGreaterThan(0);
    expect(failures.every(isOutage)).toBe(true);
  });

  it('is reached by a later ping', async () => {
    const pool = connect({ probes: ['DO 1'] });
    const failures = await failuresOf(() => pool.ping(1_500, true));
    expect(failures.length).toBeGreaterThan(0);
    expect(failures.every(isOutage)).toBe(true);
  });
});

it('leaves no session behind that never begins', async () => {
  const pool = connect({ timeoutMs: 300, connections: 2 });
  proxy.dropReplies();
  await expect(pool.run((db) => db.execute(sql`SELECT 1`))).rejects.toSatisfy(isOutage);
  await expect(pool.ping(300, true)).rejects.toSatisfy(isOutage);
  proxy.slow(0);
  proxy.restore();
  await failuresOf(() => pool.run((db) => db.execute(sql`SELECT 1`)));
  await failuresOf(() => pool.ping(2_000, true));
});
