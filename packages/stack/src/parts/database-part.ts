import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseServer } from '../fetch/mariadb.js';
import { initialiseDatabase } from './database-init.js';
import { Part } from './part.js';
import { greetsAsMysql } from './probes.js';

/** Where and how a database server runs. */
export interface DatabasePartOptions {
  /** Finds or fetches the server's program. */
  readonly server: () => Promise<DatabaseServer>;
  readonly port: number;
  readonly dataDir: string;
  readonly logFile: string;
  readonly pidFile: string;
  /** Databases that are created together with a new data folder. */
  readonly databases: readonly string[];
  /** Further options of the running server, such as `--log-bin`. They override ours. */
  readonly args?: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** A database server with durable commits. Its data folder is created at the first start, also after it was deleted. */
export function databasePart(options: DatabasePartOptions): Part {
  const { port, dataDir, logFile, pidFile } = options;
  return new Part({
    name: 'database',
    prepare: async () => {
      const server = await options.server();
      const { databases, env } = options;
      const scratchDir = `${dataDir}.scratch`;
      mkdirSync(scratchDir, { recursive: true });
      await initialiseDatabase({
        server,
        dataDir,
        databases,
        env,
        commonArgs: (dir) => commonArgs(server, dir, scratchDir),
      });
      const args = [...commonArgs(server, dataDir, scratchDir), ...serverArgs(server, port, dataDir)];
      args.push(...(options.args ?? []));
      return { command: server.binary, args, env: { ...env, MALLOC_ARENA_MAX: '2' } };
    },
    logFile,
    pidFile,
    dataDir,
    ports: { mysql: port },
    probe: () => greetsAsMysql(port),
    startTimeoutMs: 60_000,
    stopGraceMs: 15_000,
  });
}

function commonArgs(server: DatabaseServer, dataDir: string, scratchDir: string): string[] {
  const languages = ['english', ''].map((dir) => join(server.share, dir));
  const messages = languages.find((dir) => existsSync(join(dir, 'errmsg.sys'))) ?? server.share;
  return [
    '--no-defaults',
    `--datadir=${dataDir}`,
    // At its start a server removes the temporary tables that it finds here. In a shared folder it would remove other
    // servers' tables.
    `--tmpdir=${scratchDir}`,
    `--character-sets-dir=${join(server.share, 'charsets')}`,
    // MySQL looks for a folder per language below this one; MariaDB also takes the folder itself.
    `--lc-messages-dir=${server.flavour === 'mysql' ? server.share : messages}`,
    ...(process.getuid?.() === 0 ? ['--user=root'] : []),
    '--innodb-buffer-pool-size=64M',
  ];
}

function serverArgs(server: DatabaseServer, port: number, dataDir: string): string[] {
  const shared = [
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    '--skip-name-resolve',
    `--socket=${socketPath(dataDir)}`,
    `--pid-file=${join(dataDir, 'server.pid')}`,
    '--max-connections=500',
    '--performance-schema=OFF',
    '--character-set-server=utf8mb4',
    '--innodb-flush-log-at-trx-commit=1',
  ];
  // Creating keys for TLS at every start would take seconds; loopback needs none.
  return server.flavour === 'mariadb'
    ? [...shared, '--skip-ssl', '--innodb-log-file-size=64M']
    : [
        ...shared,
        '--skip-log-bin',
        '--tls-version=',
        '--mysqlx=OFF',
        '--secure-file-priv=NULL',
        '--innodb-redo-log-capacity=64M',
      ];
}

/** A socket's path may have about 100 bytes; that of a data folder in a deep folder has more. */
function socketPath(dataDir: string): string {
  const beside = `${dataDir}.sock`;
  if (Buffer.byteLength(beside) < 100) return beside;
  return join(tmpdir(), `txmsg-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}.sock`);
}
