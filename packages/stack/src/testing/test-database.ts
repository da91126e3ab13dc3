import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { databaseServer } from '../fetch/mariadb.js';
import { sayToStderr } from '../fetch/progress.js';
import { databasePart } from '../parts/database-part.js';
import { databaseUrl } from '../parts/database-url.js';
import { freePort } from '../ports.js';
import { testDir } from './test-dir.js';

/** A database server of its own for a test file. It dies with the test process. */
export interface TestDatabase {
  readonly port: number;
  /** The pid, or undefined while it isn't running. */
  readonly pid: number | undefined;
  readonly logFile: string;
  /** Creates an empty database and returns its URL. It is utf8mb4 unless another character set is named. */
  createDatabase(name: string, characterSet?: string): Promise<string>;
  /** Drops a database if it exists. */
  dropDatabase(name: string): Promise<void>;
  url(name: string): string;
  /** Ends the server and removes its data. */
  stop(): Promise<void>;
  /** Kills the server with SIGKILL. The data stays for `start`. */
  kill(): Promise<void>;
  /** Starts a killed server again, on the same port and data. */
  start(): Promise<void>;
  /** Kills and starts. */
  restart(): Promise<void>;
  pause(): void;
  resume(): void;
}

/** How a test's server differs from the usual one. */
export interface TestDatabaseOptions {
  /** Further options of the server, such as `--log-bin`. */
  readonly args?: readonly string[];
}

/** Starts a database server on a free port with an empty temporary data folder. */
export async function startTestDatabase({ args = [] }: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const dir = testDir('db');
  const port = await freePort();
  const logFile = join(dir.path, 'database.log');
  const part = databasePart({
    server: () => databaseServer(process.env, sayToStderr),
    port,
    dataDir: join(dir.path, 'data'),
    logFile,
    pidFile: join(dir.path, 'database.pid'),
    databases: [],
    args,
    env: process.env,
  });
  const start = (): Promise<void> => part.start({ outlive: false });
  const execute = async (sql: string): Promise<void> => {
    const connection = await createConnection(databaseUrl(port, 'mysql'));
    try {
      await connection.query('SET SESSION TRANSACTION READ WRITE');
      await connection.query(sql);
    } finally {
      await connection.end();
    }
  };
  try {
    await start();
  } catch (fault) {
    await part.kill();
    dir.remove();
    throw fault;
  }
  return {
    port,
    get pid() {
      return part.process?.pid;
    },
    logFile,
    createDatabase: async (name, characterSet = 'utf8mb4') => {
      await execute(`CREATE DATABASE \`${name}\` CHARACTER SET ${characterSet}`);
      return databaseUrl(port, name);
    },
    dropDatabase: (name) => execute(`DROP DATABASE IF EXISTS \`${name}\``),
    url: (name) => databaseUrl(port, name),
    stop: async () => {
      await part.kill(); // nobody reads the data again, so an orderly stop would only take time
      dir.remove();
    },
    kill: () => part.kill(),
    start,
    restart: async () => {
      await part.kill();
      await start();
    },
    pause: () => part.pause(),
    resume: () => part.resume(),
  };
}
