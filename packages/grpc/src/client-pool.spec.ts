import { status as Code } from '@grpc/grpc-js';
import { OrderService } from '@txmsg/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { GrpcClient } from './client.js';
import { type ClientPool, createClientPool } from './client-pool.js';

type Client = GrpcClient<typeof OrderService>;

const HALF_OPEN_AFTER_MS = 1_000;
let pool: ClientPool<typeof OrderService> | undefined;

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => {
  pool?.close();
  vi.useRealTimers();
});

const failed = (code: number) => Object.assign(new Error('failed'), { code });

/** A pool whose clients never connect: `answers` decides how each replica, in the order of first use, takes a call. */
function poolOf(answers: (() => Promise<string>)[]) {
  const addresses = answers.map((_, index) => `127.0.0.1:${index + 1}`);
  const made = createClientPool(OrderService, addresses, {
    failures: 2,
    halfOpenAfterMs: HALF_OPEN_AFTER_MS,
  });
  pool = made;
  const seen: Client[] = [];
  const calls = answers.map(() => 0);
  const call = () =>
    made.call((client) => {
      if (!seen.includes(client)) seen.push(client);
      const index = seen.indexOf(client);
      calls[index] = (calls[index] ?? 0) + 1;
      return answers[index]?.() ?? Promise.reject(new Error('no such replica'));
    });
  return { pool: made, calls, call };
}

const away = () => Promise.reject(failed(Code.UNAVAILABLE));

describe('a pool of clients', () => {
  it('goes on to the next replica, and leaves out one that failed too often', async () => {
    const { call, calls } = poolOf([away, () => Promise.resolve('b')]);
    for (let turn = 0; turn < 6; turn += 1) expect(await call()).toBe('b');
    expect(calls).toEqual([2, 6]);
  });

  it('gives each replica its share of calls that come in pairs', async () => {
    const { call } = poolOf([() => Promise.resolve('a'), () => Promise.resolve('b')]);
    const firsts: string[] = [];
    for (let pair = 0; pair < 4; pair += 1) {
      firsts.push(await call());
      await call();
    }
    expect(firsts).toEqual(['a', 'b', 'a', 'b']);
  });

  it('lets one call test a replica; others take another replica meanwhile', async () => {
    let answer = away;
    const { call, calls } = poolOf([() => answer(), () => Promise.resolve('b')]);
    for (let turn = 0; turn < 4; turn += 1) await call();
    vi.advanceTimersByTime(HALF_OPEN_AFTER_MS);
    const test = Promise.withResolvers<string>();
    answer = () => test.promise as Promise<never>;
    const testing = call();
    for (let turn = 0; turn < 3; turn += 1) expect(await call()).toBe('b');
    expect(calls[0]).toBe(3);
    test.resolve('a');
    expect(await testing).toBe('a');
    expect(new Set([await call(), await call()])).toEqual(new Set(['a', 'b']));
  });

  it('fails at once while its only replica is away or tested, and again after a test that failed', async () => {
    let answer = away;
    const { pool: only, call, calls } = poolOf([() => answer()]);
    for (let turn = 0; turn < 2; turn += 1)
      await expect(call()).rejects.toMatchObject({ code: Code.UNAVAILABLE });
    const refused = () => expect(call()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await refused();
    vi.advanceTimersByTime(HALF_OPEN_AFTER_MS);
    expect(only.available).toBe(true);
    const test = Promise.withResolvers<never>();
    answer = () => test.promise;
    const testing = call();
    expect(only.available).toBe(false);
    await refused();
    test.reject(failed(Code.DEADLINE_EXCEEDED));
    await expect(testing).rejects.toMatchObject({ code: Code.DEADLINE_EXCEEDED });
    await refused();
    expect(calls).toEqual([3]);
  });

  it('learns nothing from a call that its caller cancelled', async () => {
    let answer = away;
    const { pool: only, call } = poolOf([() => answer()]);
    for (let turn = 0; turn < 2; turn += 1) await call().catch(() => undefined);
    vi.advanceTimersByTime(HALF_OPEN_AFTER_MS);
    answer = () => Promise.reject(failed(Code.CANCELLED));
    await expect(call()).rejects.toMatchObject({ code: Code.CANCELLED });
    expect(only.available).toBe(true);
    answer = () => Promise.reject(failed(Code.NOT_FOUND));
    await expect(call()).rejects.toMatchObject({ code: Code.NOT_FOUND });
    await expect(call()).rejects.toMatchObject({ code: Code.NOT_FOUND });
  });

  it.each([
    ['orders.test:1', 2],
    ['127.0.0.1:1', 1],
  ])('calls %s up to %i times, since a name may stand for several replicas', async (address, times) => {
    const made = createClientPool(OrderService, [address]);
    pool = made;
    const use = vi.fn(away);
    await expect(made.call(use)).rejects.toMatchObject({ code: Code.UNAVAILABLE });
    expect(use).toHaveBeenCalledTimes(times);
  });
});
