import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { MemoryEvent } from '../history/history-event.js';
import { readPeakMemory, watchMemory } from './watch-memory.js';

it.runIf(existsSync('/proc/self/status'))(
  'writes the peak of each process that runs, once as long as it stays',
  async () => {
    const events: MemoryEvent[] = [];
    const processes = [
      { name: 'this', pid: process.pid },
      { name: 'stopped', pid: undefined },
    ];
    const stopping = new AbortController();
    const watching = watchMemory(processes, (event) => void events.push(event), stopping.signal);
    stopping.abort();
    await watching;
    expect(events.map((event) => event.process)).toEqual(['this']);
    expect(events[0]?.peakBytes).toBeGreaterThan(20e6);
  },
);

it('knows nothing of a process that has ended', () => {
  expect(readPeakMemory(2 ** 30)).toBeUndefined();
});
