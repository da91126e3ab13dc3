import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { cacheDir, installDir } from '@txmsg/stack/testing';
import type { SystemOptions } from './system.js';

/** The last commit of the previous release. Each release renews it; nothing else names that commit. */
const PREVIOUS_RELEASE = '872f8da5c473cf3541e087aed4e194a622d31b4e';

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
/** Each service, and the packages that it depends on. */
const FILTERS = ['order-svc', 'relay', 'stock-svc'].map((service) => `--filter=@txmsg/${service}...`);

/** The release that a service is of: the one of this checkout, or the one before it. */
export type Release = 'this' | 'previous';

/** The release of each replica, and the one whose migrations make the databases. */
export interface ReleaseMix {
  readonly orders: readonly Release[];
  readonly relays: readonly Release[];
  readonly stocks: readonly Release[];
  readonly schema: Release;
}

/** Options for `startSystem` that mix two releases. The first call on a machine builds the previous release. */
export async function mixReleases({ orders, relays, stocks, schema }: ReleaseMix): Promise<SystemOptions> {
  const program = await previousRelease();
  const entriesOf = (service: string, releases: readonly Release[]) =>
    releases.flatMap((release, index) =>
      release === 'previous' ? [[`${service}-${index}`, program(service, 'main')]] : [],
    );
  const migrations = ['order-svc', 'stock-svc'].map((service) => [service, program(service, 'migrate')]);
  return {
    orders: orders.length,
    relays: relays.length,
    stocks: stocks.length,
    entries: Object.fromEntries([
      ...entriesOf('order-svc', orders),
      ...entriesOf('relay', relays),
      ...entriesOf('stock-svc', stocks),
    ]),
    migrations: schema === 'previous' ? Object.fromEntries(migrations) : {},
  };
}

/**
 * Finds the programs of the previous release, such as `main` and `migrate` of a service. Its sources come from this
 * clone's history. The first call on a machine installs and builds them in the cache folder.
 *
 * @throws Error when the clone does not have the commit, or when the build fails
 */
async function previousRelease(): Promise<(service: string, program: string) => string> {
  const name = `txmsg-${PREVIOUS_RELEASE}-${process.platform}-${process.arch}`;
  const directory = join(cacheDir(process.env), 'releases', name);
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  await installDir(directory, (temporary) => build(temporary, say), say);
  return (service, program) => join(directory, 'packages', service, 'dist', `${program}.js`);
}

async function build(directory: string, say: (line: string) => void): Promise<void> {
  await extract(directory);
  say(`  installing and building the previous release (${PREVIOUS_RELEASE.slice(0, 7)}), once`);
  await providePnpm(directory);
  const pnpm = (...args: readonly string[]) =>
    run('pnpm', [...FILTERS, ...args], { cwd: directory, shell: process.platform === 'win32' });
  await pnpm('install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only');
  await pnpm('run', 'build');
}

/** Writes the files of the commit through an index of its own: the clone's own index and files stay as they are. */
async function extract(directory: string): Promise<void> {
  const git = (...args: readonly string[]) =>
    run('git', ['-C', REPOSITORY, ...args], { env: { GIT_INDEX_FILE: join(directory, '.index') } });
  await git('cat-file', '-e', `${PREVIOUS_RELEASE}^{commit}`).catch((cause: unknown) => {
    const fetch = 'fetch it with: git fetch --unshallow';
    throw new Error(`this clone lacks the commit of the previous release, ${PREVIOUS_RELEASE}; ${fetch}`, {
      cause,
    });
  });
  await git('read-tree', PREVIOUS_RELEASE);
  await git('checkout-index', '--all', `--prefix=${directory}/`);
}

/** Puts the pnpm that the release is written for first on PATH, as its own commands do. */
async function providePnpm(directory: string): Promise<void> {
  const tools: { ensurePnpm(): Promise<void> } = await import(
    pathToFileURL(join(directory, 'scripts/lib/tools.mjs')).href
  );
  await tools.ensurePnpm();
}

interface RunOptions {
  readonly cwd?: string;
  readonly shell?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a command to its end; throws with all that it wrote when it fails. */
async function run(command: string, args: readonly string[], { env, ...options }: RunOptions): Promise<void> {
  // With CI set, no command asks anything.
  const variables = { ...process.env, CI: 'true', ...env };
  await promisify(execFile)(command, args, { ...options, env: variables, maxBuffer: 64 * 1024 * 1024 }).catch(
    (cause: Error & { stdout?: string; stderr?: string }) => {
      const said = `${cause.stdout ?? ''}${cause.stderr ?? ''}`.trim();
      throw new Error(`${command} ${args.join(' ')} failed: ${said || cause.message}`, { cause });
    },
  );
}
