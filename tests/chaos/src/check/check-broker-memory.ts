import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { TestBrokerPart } from '@txmsg/stack/testing';

/** The JVM's message, and that of Netty's own count of direct memory. */
const SIGN = /OutOf(Direct)?MemoryError/;
/** Logs, including the rotated ones. */
const LOG_NAME = /\.log(\.\d+)?(\.gz)?$/;

/**
 * Finds broker processes whose logs say that they ran out of memory. Such a process lives on and fails at some of its
 * work, so the run then measures more than the system under test.
 *
 * @returns one sentence per such process; empty when there is none
 */
export function checkBrokerMemory(
  parts: Iterable<Pick<TestBrokerPart, 'name' | 'logFile' | 'logDir'>>,
): string[] {
  return [...parts].flatMap(({ name, logFile, logDir }) => {
    const files = [logFile, `${logFile}.1`, ...logFiles(logDir)].filter((file) => existsSync(file));
    const told = files.find((file) => SIGN.test(readLog(file)));
    return told === undefined
      ? []
      : [`${name} ran out of memory (${basename(told)}), so the run proves nothing`];
  });
}

function logFiles(dir: string): string[] {
  if (!existsSync(dir)) return [];
  const names = readdirSync(dir, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => LOG_NAME.test(name)).map((name) => join(dir, name));
}

function readLog(file: string): string {
  const content = readFileSync(file);
  return (file.endsWith('.gz') ? gunzipSync(content) : content).toString();
}
