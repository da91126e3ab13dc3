import { readFileSync } from 'node:fs';
import { type ProcessStat, readAllProcessStats, US_PER_TICK } from './process-stat.js';

/** The machine's CPU time since its start, in microseconds. */
export interface MachineCpu {
  /** Spent in programs, and in the kernel for them; without interrupts. */
  readonly usedUs: number;
  /** Taken by the hypervisor for other machines. */
  readonly stolenUs: number;
}

/** Reads the first line of `/proc/stat` (proc_stat(5)). */
export function parseMachineCpu(content: string): MachineCpu {
  const [name, ...fields] = content.slice(0, content.indexOf('\n')).split(/\s+/);
  const [user, nice, system, , , , , steal = 0] = fields.map(Number);
  if (name !== 'cpu' || user === undefined || nice === undefined || system === undefined) {
    throw new TypeError('not the content of /proc/stat');
  }
  return { usedUs: (user + nice + system) * US_PER_TICK, stolenUs: steal * US_PER_TICK };
}

/** The CPU of a process and all its descendants, including ended ones, in microseconds. */
export function treeCpuUs(stats: readonly ProcessStat[], rootPid: number): number {
  const children = Map.groupBy(stats, ({ parentPid }) => parentPid);
  const root = stats.filter(({ pid }) => pid === rootPid);
  const sum = (list: readonly ProcessStat[]): number =>
    list.reduce(
      (us, stat) => us + stat.cpuUs + stat.endedChildrenCpuUs + sum(children.get(stat.pid) ?? []),
      0,
    );
  return sum(root);
}

/** Cores that others used meanwhile: neither this benchmark nor the kernel's own threads. */
export interface OtherLoad {
  /** By other programs, in cores. */
  readonly otherCores: number;
  /** By the hypervisor, in cores. */
  readonly stolenCores: number;
}

/** Measures what other processes do, from its creation on. */
export interface LoadWatch {
  /** The average since the last call, or since the creation. */
  lap(): OtherLoad;
}

const KERNEL_THREADS_PARENT = 2;

/** Starts to watch. Our own processes are this one and all its descendants. */
export function watchOtherLoad(): LoadWatch {
  let last = sample();
  return {
    lap() {
      const now = sample();
      const elapsedUs = Math.max(1, (now.atMs - last.atMs) * 1_000);
      const otherCores = Math.max(0, now.otherUs - last.otherUs) / elapsedUs;
      const stolenCores = (now.stolenUs - last.stolenUs) / elapsedUs;
      last = now;
      return { otherCores, stolenCores };
    },
  };
}

function sample() {
  const { usedUs, stolenUs } = parseMachineCpu(readFileSync('/proc/stat', 'utf8'));
  const stats = readAllProcessStats();
  const ours = treeCpuUs(stats, process.pid);
  const kernel = treeCpuUs(stats, KERNEL_THREADS_PARENT);
  return { atMs: performance.now(), otherUs: usedUs - ours - kernel, stolenUs };
}
