import { readdirSync, readFileSync } from 'node:fs';

/** The CPU that a process has used, from `/proc/<pid>/stat` (proc_pid_stat(5)). */
export interface ProcessStat {
  readonly pid: number;
  readonly parentPid: number;
  /** CPU of the process with all its threads, in microseconds. */
  readonly cpuUs: number;
  /** CPU of its children that have ended and were waited for, in microseconds. */
  readonly endedChildrenCpuUs: number;
}

/** Linux counts user-visible CPU in hundredths of a second on every architecture that Node runs on. */
export const US_PER_TICK = 10_000;

/** Reads the line of `/proc/<pid>/stat`. The process's name in it may hold blanks and parentheses. */
export function parseProcessStat(line: string): ProcessStat {
  const nameEnd = line.lastIndexOf(')');
  const fields = line.slice(nameEnd + 2).split(' ');
  const number = (index: number) => Number(fields[index]);
  const stat = {
    pid: Number.parseInt(line, 10),
    parentPid: number(1),
    cpuUs: (number(11) + number(12)) * US_PER_TICK,
    endedChildrenCpuUs: (number(13) + number(14)) * US_PER_TICK,
  };
  if (nameEnd < 0 || Object.values(stat).some(Number.isNaN)) {
    throw new TypeError(`not a line of /proc/<pid>/stat: ${line.slice(0, 80)}`);
  }
  return stat;
}

/** The CPU of a process. Undefined when the process has ended. */
export function readProcessStat(pid: number): ProcessStat | undefined {
  const line = readProcFile(`/proc/${pid}/stat`);
  return line === undefined ? undefined : parseProcessStat(line);
}

/** The CPU of every running process. */
export function readAllProcessStats(): ProcessStat[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map((pid) => readProcessStat(Number(pid))).filter((stat) => stat !== undefined);
}

/** The content of a file of `/proc/<pid>`. Undefined when the process has ended. */
export function readProcFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (fault) {
    const { code } = fault as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw fault;
  }
}
