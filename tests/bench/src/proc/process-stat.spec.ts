import { describe, expect, it } from 'vitest';
import { parseProcessStat } from './process-stat.js';

const line = (name: string) =>
  `4242 (${name}) S 17 4242 4242 0 -1 4194304 1 2 3 4 150 50 7 3 20 0 12 0 99 1000 200 18446744073709551615 0`;

describe('parseProcessStat', () => {
  it('adds user and system time, of the process and of its ended children', () => {
    expect(parseProcessStat(line('node'))).toEqual({
      pid: 4242,
      parentPid: 17,
      cpuUs: 2_000_000,
      endedChildrenCpuUs: 100_000,
    });
  });
  it('is not misled by blanks and parentheses in the name', () => {
    expect(parseProcessStat(line('a) S 1 (b'))).toEqual(parseProcessStat(line('node')));
  });
  it('refuses what is no such line', () => {
    expect(() => parseProcessStat('4242 (cut sho')).toThrow(TypeError);
    expect(() => parseProcessStat('4242 (node) S 17')).toThrow(TypeError);
  });
});
