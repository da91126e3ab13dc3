import { createTcpProxy, startTestDatabase, type TcpProxy, type TestDatabase } from '@txmsg/stack/testing';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, type Database, type DatabaseOptions } from './database.js';
import { sql } from './drizzle.js';
import { CommitInDoubtError, isLockWaitTimeout, isNotWritable, isOutage } from './errors.js';
import type { Queryable } from './held-connection.js';
import { SHOW_IDENTITY, serverIdentity, type VariableRow, variablesOf } from './server-variables.js';

const PROBES = ['UPDATE t SET id = id WHERE id = 0'];

interface Server {
  readonly database: TestDatabase;
  readonly admin: Connection;
}

let first: Server;
let second: Server;
let proxy: TcpProxy;
const pools: Database[] = [];

beforeAll(async () => {
  [first, second] = await Promise.all([startServer(), startServer()]);
});
beforeEach(async () => {
  proxy = await createTcpProxy({ target: `127.0.0.1:${first.database.port}` });
});
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
  await proxy.close();
  for (const { admin } of [first, second]) await admin.query('SET GLOBAL read_only = 0; UNLOCK TABLES');
});
afterAll(async () => {
  for (const server of [first, second]) {
    await server?.admin.end();
    await server?.database.stop();
  }
});

/** A server with a table, and a user that may not write while the server is read-only. */
async function startServer(): Promise<Server> {
  const database = await startTestDatabase();
  const uri = await database.createDatabase('role');
  const admin = await createConnection({ uri, multipleStatements: true });
  await admin.query(
    `CREATE TABLE t (id INT PRIMARY KEY); CREATE USER plain IDENTIFIED BY 'plain';
     GRANT SELECT, INSERT, UPDATE, DELETE ON role.* TO plain`,
  );
  return { database, admin };
}

function connect(options: Partial<DatabaseOptions> = {}): Database {
  const url = `mysql://plain:plain@${proxy.address}/role`;
  const pool = createDatabase({ url, probes: PROBES, lockWaitSeconds: 1, ...options });
  pools.push(pool);
  return pool;
}

let nextId = 0;
const insert = (tx: Queryable) => {
  nextId += 1;
  return tx.execute(sql`INSERT INTO t VALUES (${nextId})`);
};
const portOf = async (tx: Queryable) => {
  const [rows] = await tx.execute(sql`SELECT @@port AS port`);
  return (rows as unknown as { port: number }[])[0]?.port;
};
/** The servers on which `count` concurrent transactions run. */
const portsOf = async (database: Database, count: number) =>
  new Set(await Promise.all(Array.from({ length: count }, () => database.transact(portOf))));
const sessionsOn = async ({ admin }: Server) => {
  const [rows] = await admin.query<RowDataPacket[]>(
    "SELECT id FROM information_schema.processlist WHERE user = 'plain'",
  );
  return rows.length;
};
const identityOf = async ({ admin }: Server) => {
  const [rows] = await admin.query<(RowDataPacket & VariableRow)[]>(SHOW_IDENTITY);
  return serverIdentity(variablesOf(rows));
};
const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable('it succeeded'),
    (error: unknown) => error,
  );

describe('a server that has become read-only', () => {
  it('fails pings and writes, and loses its sessions when one has shown it; a writable one is reached at once', async () => {
    const database = connect();
    await database.ping(5_000, true);
    expect(await portsOf(database, 5)).toEqual(new Set([first.database.port]));
    await first.admin.query('SET GLOBAL read_only = 1');
    const refused = await failure(database.transact(insert));
    expect([isNotWritable(refused), isOutage(refused)]).toEqual([true, true]);
    for (const anew of [true, false])
      expect(isNotWritable(await failure(database.ping(5_000, anew)))).toBe(true);
    // Not even the pinger keeps its session there.
    await expect.poll(() => sessionsOn(first)).toBe(0);
    proxy.setTarget(`127.0.0.1:${second.database.port}`);
    await database.ping(5_000);
    await database.transact(insert);
    expect(await portsOf(database, 5)).toEqual(new Set([second.database.port]));
  });

  it('refuses a COMMIT that was on its way: in doubt, and its sessions end', async () => {
    const database = connect();
    await portsOf(database, 3);
    const error = await failure(
      database.transact(async (tx) => {
        await insert(tx);
        await first.admin.query('SET GLOBAL read_only = 1');
      }),
    );
    expect(error).toBeInstanceOf(CommitInDoubtError);
    expect(isNotWritable(error)).toBe(true);
    await expect.poll(() => sessionsOn(first)).toBe(0);
  });

  it('is writable for an account that may write all the same', async () => {
    await first.admin.query('SET GLOBAL read_only = 1');
    const privileged = connect({ url: first.database.url('role') });
    await privileged.ping(5_000, true);
    await privileged.transact(insert);
  });
});

describe('an address that leads to another server', () => {
  it('is noticed by a ping on a new connection, though the old sessions stay open and serve', async () => {
    const changes: string[][] = [];
    const database = connect({ onServerChange: (...servers) => changes.push(servers) });
    await database.ping(5_000, true);
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const busy = database.transact(async (tx) => {
      await insert(tx);
      await held;
      return portOf(tx);
    });
    await portsOf(database, 4);
    proxy.setTarget(`127.0.0.1:${second.database.port}`);
    await database.ping(5_000);
    expect(await portsOf(database, 4)).toEqual(new Set([first.database.port]));
    await database.ping(5_000, true);
    expect(changes).toEqual([[await identityOf(second), await identityOf(first)]]);
    expect(await portsOf(database, 4)).toEqual(new Set([second.database.port]));
    letGo();
    expect(await busy).toBe(first.database.port);
    await expect.poll(() => sessionsOn(first)).toBe(0);
    expect(await portsOf(database, 4)).toEqual(new Set([second.database.port]));
  });
});

describe('a connection whose caller has given up before it was made', () => {
  it('belongs to the server that it was dialled to', async () => {
    const database = connect({ timeoutMs: 400 });
    await database.ping(5_000, true);
    proxy.slow(200);
    expect(isOutage(await failure(database.run(portOf)))).toBe(true);
    await expect.poll(() => sessionsOn(first)).toBe(2);
    proxy.slow(0);
    proxy.setTarget(`127.0.0.1:${second.database.port}`);
    await database.ping(5_000, true);
    expect(await portsOf(database, 1)).toEqual(new Set([second.database.port]));
    await expect.poll(() => sessionsOn(first)).toBe(0);
  });
});

describe('a new connection that cannot be made', () => {
  it('says nothing while the one before still serves', async () => {
    const database = connect();
    await database.ping(5_000, true);
    proxy.setTarget('127.0.0.1:1');
    await database.ping(5_000, true);
    proxy.cut();
    expect(isOutage(await failure(database.ping(5_000, true)))).toBe(true);
  });
});

describe('a lock on the whole server', () => {
  it('fails pings and writes within the lock wait, not after a day, and goes by', async () => {
    const database = connect();
    await database.ping(5_000, true);
    await first.admin.query('FLUSH TABLES WITH READ LOCK');
    const startedAt = performance.now();
    const [quick, thorough, write] = await Promise.all(
      [database.ping(500), database.ping(2_000, true), database.transact(insert)].map(failure),
    );
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    expect(isOutage(quick)).toBe(true);
    expect([isLockWaitTimeout(thorough), isLockWaitTimeout(write)]).toEqual([true, true]);
    await database.run(portOf);
    await first.admin.query('UNLOCK TABLES');
    await database.ping(5_000);
    await database.transact(insert);
  });
});
