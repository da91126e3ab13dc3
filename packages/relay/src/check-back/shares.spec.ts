import { expect, it } from 'vitest';
import { createShares } from './shares.js';

const idle = new AbortController().signal;

/** Work that ends when it is told to. */
function held() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { work: () => promise, end: resolve };
}

it('one participant that hangs keeps nobody else waiting, and has a bound', async () => {
  const shares = createShares({ running: 1, waiting: 1 });
  const first = held();
  const running = shares.run('frozen', first.work, idle);
  const waiting = shares.run('frozen', async () => 'second', idle);
  await expect(shares.run('frozen', async () => 'third', idle)).rejects.toMatchObject({
    code: 'RESOURCE_EXHAUSTED',
  });
  expect(await shares.run('other', async () => 'done', idle)).toBe('done');
  first.end();
  await running;
  expect(await waiting).toBe('second');
  expect(await shares.run('frozen', async () => 'again', idle)).toBe('again');
});

it('what waited for too long is not begun, and gives its place to the next', async () => {
  const shares = createShares({ running: 1, waiting: 2 });
  const first = held();
  const stop = new AbortController();
  const begun: string[] = [];
  const running = shares.run('frozen', first.work, idle);
  const late = shares.run('frozen', async () => begun.push('late'), stop.signal);
  const next = shares.run('frozen', async () => 'next', idle);
  stop.abort();
  first.end();
  await running;
  await expect(late).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(await next).toBe('next');
  expect(begun).toEqual([]);
});

it('what fails gives its place back', async () => {
  const shares = createShares({ running: 1, waiting: 0 });
  await expect(shares.run('a', () => Promise.reject(new Error('no')), idle)).rejects.toThrow('no');
  expect(await shares.run('a', async () => 'yes', idle)).toBe('yes');
});
