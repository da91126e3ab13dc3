import { expect, it } from 'vitest';
import { threadCpuUs } from './thread-cpu.js';

it('adds up threads by the beginning of their names', () => {
  const end = performance.now() + 50;
  while (performance.now() < end); // CPU shows in steps of a hundredth of a second
  expect(threadCpuUs(process.pid, [''])).toBeGreaterThan(0);
  expect(threadCpuUs(process.pid, ['no thread is called so'])).toBe(0);
});

it('is 0 for a process that has ended', () => expect(threadCpuUs(2 ** 22 + 1, [''])).toBe(0));
