import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { createWaiters } from './waiters.js';

it('wakes as many as are asked for, those who came first, and forgets who went by an abort', async () => {
  const waiters = createWaiters();
  const impatient = new AbortController();
  const woken: string[] = [];
  const wait = async (name: string, signal?: AbortSignal) => {
    await waiters.wait(signal);
    woken.push(name);
  };
  const all = [wait('a'), wait('b', impatient.signal), wait('c'), wait('d')];
  impatient.abort();
  await all[1];
  expect(waiters.size).toBe(3);
  waiters.wake(0);
  waiters.wake(-1);
  waiters.wake(2);
  await Promise.all([all[0], all[2]]);
  expect(woken).toEqual(['b', 'a', 'c']);
  waiters.wake();
  await all[3];
  expect(waiters.size).toBe(0);
});

it('leaves nothing at a signal, and waits for nothing under one that is aborted', async () => {
  const waiters = createWaiters();
  const { signal } = new AbortController();
  const waiting = waiters.wait(signal);
  waiters.wake();
  await waiting;
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  await waiters.wait(AbortSignal.abort());
  expect(waiters.size).toBe(0);
});
