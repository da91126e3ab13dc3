import { readFileSync } from 'node:fs';

const MIB = 1024 ** 2;

/** The process's peak memory in MiB (VmHWM on Linux; elsewhere its current memory). */
export function peakResidentMib(): number {
  if (process.platform !== 'linux') return process.memoryUsage.rss() / MIB;
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return Number(kib ?? 0) / 1024;
}
