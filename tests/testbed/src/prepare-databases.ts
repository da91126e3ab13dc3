import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startTestDatabase, type TestDatabase } from '@txmsg/stack/testing';
import { createConnection } from 'mysql2/promise';
import { followPrimary, replicationArgs } from './replication.js';

/** Name of a database server of the system. */
export type DatabaseName = 'order-db' | 'stock-db';

/** Which servers a system has. */
export interface DatabaseServerOptions {
  /** host:port of an existing server for both databases. Default: two are started. */
  readonly databaseAddress?: string;
  /** Each server that is started has a standby, which follows it and can take its place. Default false. */
  readonly standbys?: boolean;
}

/** The databases of a system, migrated. */
export interface Databases {
  /** The servers that were started; none when an address was given. */
  readonly servers: ReadonlyMap<DatabaseName, TestDatabase>;
  /** A copy of each server, if they were asked for. */
  readonly standbys: ReadonlyMap<DatabaseName, TestDatabase>;
  /** URLs of the administrator, for the test itself. */
  readonly orderDbUrl: string;
  readonly stockDbUrl: string;
  /** URLs of a user who has rights on that one database and nothing else, for the services. */
  readonly orderServiceUrl: string;
  readonly stockServiceUrl: string;
}

const ADMIN = 'txmsg:txmsg';
const MIGRATION_TIMEOUT_MS = 60_000;
const run = promisify(execFile);

/**
 * Makes both databases of a system and migrates them as the services' user.
 *
 * @param name part of the names of databases and user, of letters and digits
 * @param closers gets the way to end each server that was started
 */
export async function prepareDatabases(
  { databaseAddress, standbys: wanted = false }: DatabaseServerOptions,
  name: string,
  closers: (() => Promise<unknown>)[],
): Promise<Databases> {
  const servers = new Map<DatabaseName, TestDatabase>();
  const standbys = new Map<DatabaseName, TestDatabase>();
  const startServer = async (args: readonly string[]) => {
    const server = await startTestDatabase({ args });
    closers.push(() => server.stop());
    return server;
  };
  const addressOf = async (key: DatabaseName) => {
    if (databaseAddress) return databaseAddress;
    const server = await startServer(wanted ? replicationArgs(1) : []);
    servers.set(key, server);
    if (wanted) {
      const standby = await startServer(replicationArgs(2));
      standbys.set(key, standby);
      await followPrimary(standby, server);
    }
    return `127.0.0.1:${server.port}`;
  };
  const prepare = async (key: DatabaseName, database: string, module: string, setting: string) => {
    const adminUrl = `mysql://${ADMIN}@${await addressOf(key)}/${database}`;
    const serviceUrl = await createServiceUser(adminUrl, name);
    await migrate(module, { [setting]: serviceUrl });
    return { adminUrl, serviceUrl };
  };
  const [order, stock] = await Promise.all([
    prepare('order-db', `orders-${name}`, '@txmsg/order-svc/migrate', 'TXMSG_ORDER_DB_URL'),
    prepare('stock-db', `stock-${name}`, '@txmsg/stock-svc/migrate', 'TXMSG_STOCK_DB_URL'),
  ]);
  return {
    servers,
    standbys,
    orderDbUrl: order.adminUrl,
    stockDbUrl: stock.adminUrl,
    orderServiceUrl: order.serviceUrl,
    stockServiceUrl: stock.serviceUrl,
  };
}

/** Such a user can't write while the server is read-only; an administrator can. */
async function createServiceUser(adminUrl: string, name: string): Promise<string> {
  const url = new URL(adminUrl);
  const database = url.pathname.slice(1);
  const connection = await createConnection(new URL('/', url).href);
  url.username = `svc_${name}`;
  url.password = 'svc';
  try {
    await connection.query(`CREATE USER IF NOT EXISTS ?@'%' IDENTIFIED BY ?`, [url.username, url.password]);
    await connection.query(`GRANT ALL PRIVILEGES ON \`${database}\`.* TO ?@'%'`, [url.username]);
  } finally {
    await connection.end();
  }
  return url.href;
}

async function migrate(module: string, env: Readonly<Record<string, string>>): Promise<void> {
  await run(process.execPath, [fileURLToPath(import.meta.resolve(module))], {
    env: { ...process.env, ...env },
    timeout: MIGRATION_TIMEOUT_MS,
  });
}
