import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withFileLock } from '../process/file-lock.js';
import { cacheDir } from './cache-dir.js';
import { download } from './download.js';
import { artifactFileName, artifactUrl, type MavenPin } from './maven.js';
import { DownloadProgress, type Say } from './progress.js';

const CONCURRENCY = 12;

interface RocketmqLock {
  readonly version: string;
  readonly jars: readonly MavenPin[];
}

/** The launcher's jar, built from `launcher/src` and committed. */
export const launcherJar = fileURLToPath(new URL('../../launcher/txmsg-launcher.jar', import.meta.url));

/**
 * The class path of the launcher: its jar, then RocketMQ's in the order of the lock file. Fetches first what the cache
 * lacks. The launcher's jar comes from the cache too, so all checkouts have the same class path.
 */
export async function rocketmqClassPath(env: NodeJS.ProcessEnv, say: Say): Promise<string[]> {
  const jars = await rocketmqJars(env, say);
  const content = readFileSync(launcherJar);
  const name = `txmsg-launcher-${createHash('sha256').update(content).digest('hex').slice(0, 16)}.jar`;
  const cached = join(cacheDir(env), 'launcher', name);
  if (!existsSync(cached)) {
    mkdirSync(dirname(cached), { recursive: true });
    const temporary = `${cached}.${process.pid}.tmp`;
    writeFileSync(temporary, content);
    renameSync(temporary, cached);
  }
  return [cached, ...jars];
}

/** Paths of all jars of the lock file. Fetches first what the cache lacks. */
export async function rocketmqJars(env: NodeJS.ProcessEnv, say: Say): Promise<string[]> {
  const lock = readLock();
  const dir = join(cacheDir(env), `rocketmq-${lock.version}`);
  if (missing(lock, dir).length > 0) {
    await withFileLock(`${dir}.lock`, () => fetchMissing(lock, dir, env, say), {
      onWait: (pid) => say(`  RocketMQ is being downloaded by process ${pid}`),
    });
  }
  return lock.jars.map((jar) => join(dir, artifactFileName(jar)));
}

function readLock(): RocketmqLock {
  return JSON.parse(
    readFileSync(new URL('../../rocketmq.lock.json', import.meta.url), 'utf8'),
  ) as RocketmqLock;
}

async function fetchMissing(
  lock: RocketmqLock,
  dir: string,
  env: NodeJS.ProcessEnv,
  say: Say,
): Promise<void> {
  const queue = missing(lock, dir);
  if (queue.length === 0) return;
  removeLeftOvers(dir);
  const total = queue.reduce((sum, jar) => sum + jar.size, 0);
  const progress = new DownloadProgress(`RocketMQ ${lock.version}, ${queue.length} jars`, total, say);
  const worker = async (): Promise<void> => {
    for (let jar = queue.pop(); jar !== undefined; jar = queue.pop()) {
      await download({
        url: await artifactUrl(jar, env),
        sha256: jar.sha256,
        destination: join(dir, artifactFileName(jar)),
        onBytes: (bytes) => progress.add(bytes),
      });
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  progress.done();
}

/** A jar gets its name only after its checksum was right, so name and size show that it is whole. */
function missing(lock: RocketmqLock, dir: string): MavenPin[] {
  return lock.jars.filter(
    (jar) => statSync(join(dir, artifactFileName(jar)), { throwIfNoEntry: false })?.size !== jar.size,
  );
}

/** Remains of a killed run. Called under the lock, so nobody writes them. */
function removeLeftOvers(dir: string): void {
  if (!existsSync(dir)) return;
  for (const name of readdirSync(dir)) if (name.endsWith('.tmp')) rmSync(join(dir, name), { force: true });
}
