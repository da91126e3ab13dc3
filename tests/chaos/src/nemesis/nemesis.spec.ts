import { expect, it } from 'vitest';
import type { FaultEvent } from '../history/history-event.js';
import { runNemesis } from './nemesis.js';
import type { PlannedFault } from './plan-faults.js';
import { createResourceLocks } from './resource-locks.js';

const fault = (id: number, over: Partial<PlannedFault> = {}): PlannedFault => {
  return { id, kind: 'kill-relay', target: 'relay-0', startMs: 0, durationMs: 10, amount: 0, ...over };
};

function start(plan: PlannedFault[], inject: (fault: PlannedFault) => Promise<() => Promise<void>>) {
  const events: FaultEvent[] = [];
  const ended: number[] = [];
  const stopping = new AbortController();
  const done = runNemesis(
    {
      plan,
      locks: createResourceLocks(),
      resources: ({ target }) => [target],
      inject: async (one) => ({ undo: await inject(one) }),
      write: (event) => void events.push(event),
      onEnd: ({ id }) => void ended.push(id),
    },
    stopping.signal,
  );
  const phases = () => events.map(({ id, phase }) => `${id} ${phase}`);
  return { done, phases, ended, stop: () => stopping.abort() };
}

it('does and undoes each fault, one at a time on one target', async () => {
  let active = 0;
  let most = 0;
  const run = start([fault(1), fault(2), fault(3, { target: 'relay-1' })], async ({ target }) => {
    if (target === 'relay-0') active += 1;
    most = Math.max(most, active);
    return async () => {
      if (target === 'relay-0') active -= 1;
    };
  });
  await run.done;
  expect(most).toBe(1);
  expect(run.ended.toSorted()).toEqual([1, 2, 3]);
  expect(run.phases()).toEqual(expect.arrayContaining(['1 begin', '1 end', '2 begin', '2 end', '3 end']));
});

it('undoes what lasts and skips the rest when it is stopped', async () => {
  let undone = 0;
  const run = start([fault(1, { durationMs: 60_000 }), fault(2), fault(3, { startMs: 60_000 })], async () => {
    setImmediate(run.stop);
    return async () => {
      undone += 1;
    };
  });
  await run.done;
  expect(undone).toBe(1);
  expect(run.phases().toSorted()).toEqual(['1 begin', '1 end', '2 skipped', '3 skipped']);
});

it('writes down a fault that could not be done, and frees its target', async () => {
  const run = start([fault(1), fault(2)], async ({ id }) => {
    if (id === 1) throw new Error('not running');
    return async () => {};
  });
  await run.done;
  expect(run.phases()).toEqual(['1 begin', '1 failed', '2 begin', '2 end']);
});
