import { describe, expect, it } from 'vitest';
import { settleByHalves } from './settle-by-halves.js';

const REFUSED = new Error('refused');
const isRefusal = (error: unknown) => error === REFUSED;
const items = Array.from({ length: 1_000 }, (_, index) => index);

/** A receiver that refuses whatever holds one of these. */
function receiver(poison: readonly number[]) {
  const taken = new Set<number>();
  let calls = 0;
  const bring = async (part: readonly number[]) => {
    calls += 1;
    if (part.some((item) => poison.includes(item))) throw REFUSED;
    for (const item of part) taken.add(item);
    return part.filter((item) => item === 7).map(String);
  };
  return { bring, taken, calls: () => calls };
}

describe('settling by halves', () => {
  it('takes one call when nothing is refused, and tells what was not taken', async () => {
    const { bring, calls } = receiver([]);
    expect(await settleByHalves(items, bring, isRefusal)).toEqual({
      unsettled: ['7'],
      refused: [],
      untried: [],
    });
    expect(calls()).toBe(1);
  });

  it('finds what is refused and brings all others', async () => {
    const { bring, taken } = receiver([3, 900]);
    const { refused, untried } = await settleByHalves(items, bring, isRefusal);
    expect(refused.map(({ item }) => item).sort()).toEqual([3, 900]);
    expect(untried).toEqual([]);
    expect(taken.size).toBe(998);
  });

  it('stops after a bounded number of calls, and names what is left', async () => {
    const { bring, calls } = receiver(items);
    const { refused, untried } = await settleByHalves(items, bring, isRefusal);
    expect(calls()).toBe(40);
    expect(refused.length + untried.length).toBe(1_000);
  });

  it('ends at once when the receiver is away', async () => {
    const away = new Error('away');
    await expect(settleByHalves(items, () => Promise.reject(away), isRefusal)).rejects.toBe(away);
  });
});
