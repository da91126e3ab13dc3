import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StackError } from '../errors.js';
import type { DatabaseServer } from '../fetch/mariadb.js';
import { databaseUser } from './database-url.js';

/** What a new data folder is created from. */
export interface DatabaseInitOptions {
  readonly server: DatabaseServer;
  readonly dataDir: string;
  readonly databases: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly commonArgs: (dataDir: string) => string[];
}

/**
 * Creates the data folder with its system tables, our user and the databases, unless it exists. The folder gets its
 * name when it is complete, so a folder cut short by a crash is never used.
 */
export async function initialiseDatabase(options: DatabaseInitOptions): Promise<void> {
  if (existsSync(options.dataDir)) return;
  await mkdir(dirname(options.dataDir), { recursive: true });
  const temporary = await mkdtemp(`${options.dataDir}.tmp-`);
  try {
    if (options.server.flavour === 'mariadb') await bootstrapMariadb(options, temporary);
    else await initialiseMysql(options, temporary);
    await rename(temporary, options.dataDir);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function bootstrapMariadb(options: DatabaseInitOptions, dataDir: string): Promise<void> {
  const { server } = options;
  await mkdir(join(dataDir, 'mysql'));
  const sql = [
    'USE mysql;',
    readSystemSql(server, 'system_tables'),
    readSystemSql(server, 'performance_tables'),
    // These two decide whether the data script creates a root account and an anonymous one. One statement per line.
    'SET @auth_root_socket=NULL;',
    'SET @skip_auth_anonymous=1;',
    readSystemSql(server, 'system_tables_data'),
    'FLUSH PRIVILEGES;',
    ourSql(options.databases),
  ].join('\n');
  const args = [...options.commonArgs(dataDir), '--bootstrap', '--skip-ssl', '--innodb-log-file-size=64M'];
  await runServer(options, args, sql);
}

async function initialiseMysql(options: DatabaseInitOptions, dataDir: string): Promise<void> {
  const initFile = `${dataDir}.sql`;
  // One statement per line, as the server demands.
  await writeFile(initFile, ourSql(options.databases));
  try {
    const args = [...options.commonArgs(dataDir), '--initialize-insecure', `--init-file=${initFile}`];
    await runServer(options, args, '');
  } finally {
    await rm(initFile, { force: true });
  }
}

function ourSql(databases: readonly string[]): string {
  const { name, password } = databaseUser;
  return [
    ...databases.map((database) => `CREATE DATABASE \`${database}\` CHARACTER SET utf8mb4;`),
    `CREATE USER '${name}'@'%' IDENTIFIED BY '${password}';`,
    `GRANT ALL PRIVILEGES ON *.* TO '${name}'@'%' WITH GRANT OPTION;`,
    '',
  ].join('\n');
}

/** The scripts are named after MariaDB since version 11, and after MySQL before. */
function readSystemSql(server: DatabaseServer, name: string): string {
  const paths = ['mariadb', 'mysql'].map((prefix) => join(server.share, `${prefix}_${name}.sql`));
  const path = paths.find((candidate) => existsSync(candidate));
  if (path === undefined) throw new StackError('NO_DATABASE_SERVER', `${server.share} has no ${name}.sql`);
  return readFileSync(path, 'utf8');
}

function runServer(options: DatabaseInitOptions, args: string[], input: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(options.server.binary, args, { env: options.env, stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    const collect = (piece: Buffer): void => {
      output = (output + piece.toString()).slice(-4_000);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.stdin.on('error', () => {}); // the server ended early; its exit code tells why
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else
        reject(
          new StackError('COMMAND_FAILED', `making the database failed (exit code ${code}):\n${output}`),
        );
    });
    child.stdin.end(input);
  });
}
