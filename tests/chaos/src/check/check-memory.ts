import type { HistoryFacts } from './history-facts.js';

/** The most resident memory of a service at any moment: a heap of 384 MiB, and the memory outside of it. */
export const MAX_RESIDENT_BYTES = 600e6;

/** Finds processes that exceeded their resident memory. One sentence per process. */
export function checkMemory({ memory }: Pick<HistoryFacts, 'memory'>): string[] {
  return [...memory.values()]
    .filter(({ peakBytes }) => peakBytes > MAX_RESIDENT_BYTES)
    .map(({ process, pid, peakBytes }) => {
      return `${process} (pid ${pid}) had ${megabytes(peakBytes)} MB of resident memory, at most ${megabytes(MAX_RESIDENT_BYTES)} MB are allowed`;
    });
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
