import type { DatabaseDescriptor, ServiceDescriptor } from '@txmsg/stack/descriptor';
import { runProgram, startTestDatabase, type TestDatabase } from '@txmsg/stack/testing';
import { createConnection } from 'mysql2/promise';
import { followPrimary, replicationArgs } from './replication.js';
import type { OtherBuilds } from './service-plan.js';

/** Name of a database server of the system: `order-db` for the database of `TXMSG_ORDER_DB_URL`. */
export type DatabaseName = `${string}-db`;

/** Which servers a system has. */
export interface DatabaseServerOptions {
  /** host:port of an existing server for all databases. Default: one server is started per database. */
  readonly databaseAddress?: string;
  /** Each started server has a standby, which follows it and can take its place. Default false. */
  readonly standbys?: boolean;
}

/** The databases of a system, migrated. */
export interface Databases {
  /** The servers that were started. None when an address was given. */
  readonly servers: ReadonlyMap<DatabaseName, TestDatabase>;
  /** A copy of each server, when standbys were requested. */
  readonly standbys: ReadonlyMap<DatabaseName, TestDatabase>;
  /** The administrator's URLs, for the test itself. */
  readonly adminUrls: ReadonlyMap<DatabaseName, string>;
  /** URLs for the services. Their user has rights on that one database and nothing else. */
  readonly serviceUrls: ReadonlyMap<DatabaseName, string>;
  /** Migrates the databases of a service as the services' user, by the program that its descriptor names or another. */
  migrate(service: ServiceDescriptor, program?: string): Promise<void>;
}

const ADMIN = 'txmsg:txmsg';
const MIGRATION_TIMEOUT_MS = 60_000;

/** The name of the server of a database. */
export function databaseKey({ env }: DatabaseDescriptor): DatabaseName {
  const [, word = env] = /^(?:TXMSG_)?(.*?)(?:_DB)?(?:_URL)?$/.exec(env) ?? [];
  return `${word.toLowerCase().replaceAll('_', '-')}-db`;
}

/**
 * Creates the databases of all services of a system and migrates them as the services' user.
 *
 * @param name part of the names of databases and user; letters and digits
 * @param closers gets a function per started server that ends it
 */
export async function prepareDatabases(
  options: DatabaseServerOptions & Pick<OtherBuilds, 'migrations'>,
  services: readonly ServiceDescriptor[],
  name: string,
  closers: (() => Promise<unknown>)[],
): Promise<Databases> {
  const servers = new Map<DatabaseName, TestDatabase>();
  const standbys = new Map<DatabaseName, TestDatabase>();
  const adminUrls = new Map<DatabaseName, string>();
  const serviceUrls = new Map<DatabaseName, string>();
  const addressOf = async (key: DatabaseName) => {
    if (options.databaseAddress) return options.databaseAddress;
    const { server, standby } = await startServer(options.standbys ?? false, closers);
    servers.set(key, server);
    if (standby) standbys.set(key, standby);
    return `127.0.0.1:${server.port}`;
  };
  const prepare = async (database: DatabaseDescriptor) => {
    const key = databaseKey(database);
    const adminUrl = `mysql://${ADMIN}@${await addressOf(key)}/${databaseNameIn(name, database)}`;
    adminUrls.set(key, adminUrl);
    serviceUrls.set(key, await createServiceUser(adminUrl, name));
  };
  const migrate: Databases['migrate'] = async ({ databases = [], migrate: own, env }, program = own) => {
    if (program === undefined) return;
    const urls = databases.map((database) => [database.env, serviceUrls.get(databaseKey(database))]);
    const variables = { ...process.env, ...env, ...Object.fromEntries(urls) };
    await runProgram(program, { env: variables, timeoutMs: MIGRATION_TIMEOUT_MS });
  };
  const prepareService = async (service: ServiceDescriptor) => {
    await Promise.all((service.databases ?? []).map(prepare));
    await migrate(service, options.migrations?.[service.name]);
  };
  await Promise.all(services.map(prepareService));
  return { servers, standbys, adminUrls, serviceUrls, migrate };
}

async function startServer(withStandby: boolean, closers: (() => Promise<unknown>)[]) {
  const start = async (args: readonly string[]) => {
    const server = await startTestDatabase({ args });
    closers.push(() => server.stop());
    return server;
  };
  const server = await start(withStandby ? replicationArgs(1) : []);
  if (!withStandby) return { server };
  const standby = await start(replicationArgs(2));
  await followPrimary(standby, server);
  return { server, standby };
}

/** Systems that share a server have databases of their own there. */
function databaseNameIn(system: string, { name }: DatabaseDescriptor): string {
  return `${name.replace(/^tx-msg-/, '')}-${system}`;
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
