import { readProcFile } from './process-stat.js';

/** The resident memory in the text of `/proc/<pid>/status`, in MiB. Undefined when the text names none. */
export function parseResidentMib(status: string): number | undefined {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kib === undefined ? undefined : Number(kib) / 1024;
}

/** The resident memory of a process in MiB. Undefined when the process has ended. */
export function residentMib(pid: number): number | undefined {
  const status = readProcFile(`/proc/${pid}/status`);
  return status === undefined ? undefined : parseResidentMib(status);
}
