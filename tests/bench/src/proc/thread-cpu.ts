import { readdirSync } from 'node:fs';
import { parseProcessStat, readProcFile } from './process-stat.js';

/**
 * The CPU of a process's living threads whose names begin with the given text, in microseconds. Linux cuts names to 15
 * characters.
 */
export function threadCpuUs(pid: number, namePrefixes: readonly string[]): number {
  const lines = threadIds(pid).map((id) => readProcFile(`/proc/${pid}/task/${id}/stat`));
  return lines.reduce((sum, line) => {
    if (line === undefined) return sum;
    const name = line.slice(line.indexOf('(') + 1, line.lastIndexOf(')'));
    return namePrefixes.some((prefix) => name.startsWith(prefix)) ? sum + parseProcessStat(line).cpuUs : sum;
  }, 0);
}

function threadIds(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw fault;
  }
}

/** What a JVM has spent on compiling, in microseconds. Soon after its start that is most of its CPU. */
export function jitCpuUs(pid: number): number {
  return threadCpuUs(pid, ['C1 Compiler', 'C2 Compiler']);
}
