import { expect, it } from 'vitest';
import { createResourceLocks } from './resource-locks.js';

const never = new AbortController().signal;
const settled = async (promise: Promise<unknown>) => {
  const pending = Symbol('pending');
  return (await Promise.race([promise, new Promise((r) => setImmediate(() => r(pending)))])) !== pending;
};

it('keeps holders of one resource apart and lets others through', async () => {
  const locks = createResourceLocks();
  const release = await locks.acquire(['a', 'b'], never);
  const second = locks.acquire(['b', 'c'], never);
  expect(await settled(second)).toBe(false);
  (await locks.acquire(['d'], never))();
  expect(locks.isHeld('a')).toBe(true);
  release();
  (await second)();
  expect(locks.isHeld('b')).toBe(false);
});

it('does not let later ones starve one that waits for many', async () => {
  const locks = createResourceLocks();
  const release = await locks.acquire(['a'], never);
  const all = locks.acquire(['a', 'b'], never);
  const later = locks.acquire(['b'], never);
  expect(await settled(later)).toBe(false);
  release();
  (await all)();
  (await later)();
});

it('leaves the queue when the signal is aborted', async () => {
  const locks = createResourceLocks();
  const release = await locks.acquire(['a'], never);
  const leaving = new AbortController();
  const first = locks.acquire(['a', 'b'], leaving.signal);
  const second = locks.acquire(['b'], never);
  leaving.abort(new Error('over'));
  await expect(first).rejects.toThrow('over');
  (await second)();
  release();
});

it('takes nothing at once', async () => {
  const locks = createResourceLocks();
  (await locks.acquire([], never))();
});
