import { readFileSync } from 'node:fs';

const MIB = 1024 ** 2;

/** The most that this process has had in memory (VmHWM on Linux; elsewhere what it has now), in MiB. */
export function peakResidentMib(): number {
  if (process.platform !== 'linux') return process.memoryUsage.rss() / MIB;
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return Number(kib ?? 0) / 1024;
}
