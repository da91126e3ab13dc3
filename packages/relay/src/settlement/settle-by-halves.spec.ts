import { describe, expect, it } from 'vitest';
import { settleByHalves } from './settle-by-halves.js';

const REFUSED = new Error('refused');
const FAULT = new Error('fault');
const judge = (error: unknown) => (error === REFUSED ? 'refusal' : error === FAULT ? 'fault' : 'outage');
const items = Array.from({ length: 1_000 }, (_, index) => index);

/** A receiver that refuses whatever holds one of these. */
function receiver(poison: readonly number[], error = REFUSED) {
  const taken = new Set<number>();
  let calls = 0;
  const bring = async (part: readonly number[]) => {
    calls += 1;
    if (part.some((item) => poison.includes(item))) throw error;
    for (const item of part) taken.add(item);
    return part.filter((item) => item === 7).map(String);
  };
  return { bring, taken, calls: () => calls };
}

describe('settling by halves', () => {
  it('takes one call when nothing is refused, and tells what was not taken', async () => {
    const { bring, calls } = receiver([]);
    expect(await settleByHalves(items, bring, judge)).toEqual({
      unsettled: ['7'],
      refused: [],
      untried: [],
    });
    expect(calls()).toBe(1);
  });

  it('finds what is refused and brings all others', async () => {
    const { bring, taken } = receiver([3, 900]);
    const { refused, untried } = await settleByHalves(items, bring, judge);
    expect(refused.map(({ item }) => item).sort()).toEqual([3, 900]);
    expect(untried).toEqual([]);
    expect(taken.size).toBe(998);
  });

  it('stops after a bounded number of calls, and names what is left', async () => {
    const { bring, calls } = receiver(items);
    const { refused, untried } = await settleByHalves(items, bring, judge);
    expect(calls()).toBe(40);
    expect(refused.length + untried.length).toBe(1_000);
  });

  it('stops sooner when the receiver fails at everything', async () => {
    const { bring, calls } = receiver(items, FAULT);
    expect(await settleByHalves(items, bring, judge)).toMatchObject({ refused: [], failure: FAULT });
    expect(calls()).toBe(7);
  });

  it('finds two at which the receiver fails', async () => {
    const { bring, taken } = receiver([3, 900], FAULT);
    const { untried } = await settleByHalves(items, bring, judge);
    expect(untried).toEqual([]);
    expect(taken.size).toBe(998);
  });

  it('ends at once when the receiver is away', async () => {
    const away = new Error('away');
    await expect(settleByHalves(items, () => Promise.reject(away), judge)).rejects.toBe(away);
  });
});
