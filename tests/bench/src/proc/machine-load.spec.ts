import { describe, expect, it } from 'vitest';
import { parseMachineCpu, treeCpuUs } from './machine-load.js';

describe('parseMachineCpu', () => {
  it('adds what programs used and tells what was stolen', () => {
    const content = 'cpu  100 20 30 9000 50 1 2 7 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n';
    expect(parseMachineCpu(content)).toEqual({ usedUs: 1_500_000, stolenUs: 70_000 });
  });
  it('refuses what is no such content', () => {
    expect(() => parseMachineCpu('intr 1 2 3\n')).toThrow(TypeError);
  });
});

describe('treeCpuUs', () => {
  const stat = (pid: number, parentPid: number, cpuUs: number, endedChildrenCpuUs = 0) => ({
    pid,
    parentPid,
    cpuUs,
    endedChildrenCpuUs,
  });
  const stats = [stat(1, 0, 1_000), stat(10, 1, 5), stat(11, 10, 7, 2), stat(12, 11, 3), stat(20, 1, 900)];
  it('adds the process, its descendants, and those of them that have ended', () => {
    expect(treeCpuUs(stats, 10)).toBe(17);
  });
  it('is 0 for a process that is not there', () => expect(treeCpuUs(stats, 99)).toBe(0));
});
