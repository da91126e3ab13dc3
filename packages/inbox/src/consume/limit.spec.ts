import { expect, it } from 'vitest';
import { createLimit } from './limit.js';

it('runs so many at a time, first come first served, and goes on after a failure', async () => {
  const limit = createLimit(2);
  const owner = {};
  const started: number[] = [];
  const ends: PromiseWithResolvers<void>[] = [];
  const work = Array.from({ length: 5 }, (_, index) =>
    limit(owner, async () => {
      started.push(index);
      ends[index] = Promise.withResolvers<void>();
      await ends[index].promise;
    }).catch(() => 'failed'),
  );
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  await settle();
  expect(started).toEqual([0, 1]);
  ends[1]?.reject(new Error('failed'));
  await settle();
  expect(started).toEqual([0, 1, 2]);
  ends[0]?.resolve();
  ends[2]?.resolve();
  await settle();
  expect(started).toEqual([0, 1, 2, 3, 4]);
  ends[3]?.resolve();
  ends[4]?.resolve();
  expect(await Promise.all(work)).toEqual([undefined, 'failed', undefined, undefined, undefined]);
  // No slot is lost.
  await limit(owner, async () => undefined);
});

it('lets owners take turns', async () => {
  const limit = createLimit(1);
  const order: string[] = [];
  const work = ['a', 'a', 'a', 'b', 'c', 'b'].map((name) =>
    limit(owners[name as keyof typeof owners], async () => void order.push(name)),
  );
  await Promise.all(work);
  expect(order).toEqual(['a', 'a', 'b', 'c', 'a', 'b']);
});

const owners = { a: {}, b: {}, c: {} };
