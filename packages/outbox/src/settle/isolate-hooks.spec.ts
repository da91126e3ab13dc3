import { expect, it } from 'vitest';
import type { Settlement } from '../store/settlement.js';
import { HookFailedError } from './hooks.js';
import { isolateHooks } from './isolate-hooks.js';
import { planParts } from './plan-parts.js';
import { nothingSettled } from './settle-around-locks.js';
import { createStuck } from './stuck.js';

const all = Array.from({ length: 256 }, (_, index) => ({
  txNo: `tx-${String(index).padStart(3, '0')}`,
  outcome: 'APPLIED' as const,
  reason: '',
}));

/** Settles again and again what is left. In each call there is no time for anything after the first failure. */
async function settleInHaste(isGuilty: (txNo: string) => boolean, calls: number): Promise<string[]> {
  const stuck = createStuck();
  const settle = async (part: readonly Settlement[]) => {
    if (!part.some(({ txNo }) => isGuilty(txNo))) return { ...nothingSettled([]), settled: part.length };
    throw new HookFailedError(
      'ShipOrder',
      part.map(({ txNo }) => txNo),
      new Error('longer than its deadline'),
      'HOOK',
    );
  };
  let left: readonly Settlement[] = all;
  for (let call = 1; call <= calls; call += 1) {
    const nowMs = call * 120_000;
    const { parts } = planParts(left, stuck, nowMs);
    const { unsettled } = await isolateHooks(parts, {
      settle,
      budgetMs: -1,
      onFailed: (txNo, failure, together) => stuck.failed(txNo, failure, together, nowMs),
    });
    left = left.filter(({ txNo }) => unsettled.includes(txNo));
    stuck.forget(all.map(({ txNo }) => txNo).filter((txNo) => !unsettled.includes(txNo)));
  }
  return left.map(({ txNo }) => txNo);
}

it.each([0, 100, 255])('a hook that takes all the time is soon alone with transaction %i', async (index) => {
  const guilty = all[index]?.txNo ?? '';
  expect(await settleInHaste((txNo) => txNo === guilty, 6)).toEqual([guilty]);
});

it('hooks that take all the time keep none from being tried', async () => {
  const guilty = all.slice(10, 15).map(({ txNo }) => txNo);
  expect(await settleInHaste((txNo) => guilty.includes(txNo), 30)).toEqual(guilty);
  // The last of them recovers, while the others go on.
  let tried = 0;
  const recovers = (txNo: string) => {
    if (txNo === guilty[4]) tried += 1;
    return guilty.includes(txNo) && !(txNo === guilty[4] && tried > 3);
  };
  expect(await settleInHaste(recovers, 60)).toEqual(guilty.slice(0, 4));
});
