import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { withFileLock } from '../process/file-lock.js';
import { cacheDir } from './cache-dir.js';
import type { JavaRuntime } from './java.js';
import type { Say } from './progress.js';

const run = promisify(execFile);
const TIMEOUT_MS = 120_000;
/** The classes that a start loads; written by `pnpm build:launcher`. */
const classList = fileURLToPath(new URL('../../launcher/classes.lst', import.meta.url));

/**
 * Path of a class-data archive (JEP 310) for this Java and class path, created at the first use. It halves the CPU time
 * of a start. Undefined when this Java can't create one; nothing else depends on it.
 */
export async function classArchive(
  java: JavaRuntime,
  classPath: readonly string[],
  env: NodeJS.ProcessEnv,
  say: Say,
): Promise<string | undefined> {
  const key = createHash('sha256');
  for (const part of [java.version, ...classPath, readFileSync(classList)]) key.update(part);
  const archive = join(cacheDir(env), 'class-archives', `${key.digest('hex').slice(0, 16)}.jsa`);
  if (!existsSync(archive) && !existsSync(failedMark(archive))) {
    await mkdir(dirname(archive), { recursive: true });
    await withFileLock(`${archive}.lock`, () => makeOnce(archive, java, classPath, say));
  }
  return existsSync(archive) ? archive : undefined;
}

async function makeOnce(
  archive: string,
  java: JavaRuntime,
  classPath: readonly string[],
  say: Say,
): Promise<void> {
  if (existsSync(archive) || existsSync(failedMark(archive))) return;
  say('  preparing Java classes for faster starts, once');
  const temporary = `${archive}.${process.pid}.tmp`;
  const args = ['-Xshare:dump', `-XX:SharedClassListFile=${classList}`, `-XX:SharedArchiveFile=${temporary}`];
  try {
    const fixed = ['-XX:+UseSerialGC', '-Xmx512m', '-cp', classPath.join(delimiter)];
    await run(java.binary, [...args, ...fixed], { timeout: TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 });
    await rename(temporary, archive);
  } catch (fault) {
    // This Java can't create one, and isn't asked again.
    await writeFile(failedMark(archive), String(fault));
  } finally {
    await rm(temporary, { force: true });
  }
}

function failedMark(archive: string): string {
  return `${archive}.failed`;
}
