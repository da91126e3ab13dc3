import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestBrokerPart } from '@txmsg/stack/testing';

const SIGN = 'java.lang.OutOfMemoryError';

/**
 * Finds processes of the broker that ran out of memory: they live on and forget some of what they should do, and what
 * a run measures after that is not what the system under test does.
 *
 * @returns one sentence for each such process; empty when there is none
 */
export function checkBrokerMemory(
  parts: Iterable<Pick<TestBrokerPart, 'name' | 'logFile' | 'logDir'>>,
): string[] {
  return [...parts].flatMap(({ name, logFile, logDir }) => {
    const files = [logFile, ...logFiles(logDir)].filter((file) => existsSync(file));
    const times = files.reduce((sum, file) => sum + readFileSync(file, 'utf8').split(SIGN).length - 1, 0);
    return times === 0 ? [] : [`${name} ran out of memory ${times} times, so the run proves nothing`];
  });
}

function logFiles(dir: string): string[] {
  if (!existsSync(dir)) return [];
  const names = readdirSync(dir, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.log')).map((name) => join(dir, name));
}
