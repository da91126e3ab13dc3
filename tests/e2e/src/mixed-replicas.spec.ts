import type { Release, System } from '@txmsg/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditOf } from './test-support/audit.js';
import { settled, submit, submitMany, taken } from './test-support/flow.js';
import { startMixed } from './test-support/releases.js';

const BOTH: readonly Release[] = ['this', 'previous'];
const REPLICAS = BOTH.map((release, replica) => ({
  release: `the ${release === 'this' ? 'new' : 'previous'} release`,
  replica,
  other: 1 - replica,
}));

let system: System;

beforeAll(async () => {
  system = await startMixed({ orders: BOTH, relays: BOTH, stocks: BOTH, schema: 'this' });
  for (const productId of [1n, 2n, 3n]) await system.addStock(productId, 100_000n);
});
afterAll(() => system?.stop());

type Service = System['orders'][number];
const stopAll = (services: readonly Service[]) => Promise.all(services.map((service) => service.stop()));
const startAll = (services: readonly Service[]) => Promise.all(services.map((service) => service.start()));

/** The replica of a service, and not the other one. */
function pick(services: readonly Service[], replica: number): Service {
  const found = services[replica];
  if (!found) throw new RangeError(`no replica ${replica}`);
  return found;
}

/** Submits at both replicas in turn. */
function submitToBoth(productId: bigint, count: number): Promise<string[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => submit(system, { productId }, i % 2)));
}

async function counted(name: string, replica: number): Promise<number> {
  const { counters } = await system.stockAdminClient(replica).getStatus({});
  return Number(counters[name] ?? 0n);
}

describe('replicas of two releases on one database', () => {
  it('settle each order once, whichever of them takes, publishes, applies and settles it', async () => {
    const txNos: string[] = [];
    const load = new AbortController();
    const caller = async (replica: number) => {
      while (!load.signal.aborted) txNos.push(await submit(system, { productId: 1n }, replica));
    };
    const callers = [0, 1, 0, 1, 0, 1].map(caller);
    // Both relays are away for a while, so that the outbox brings what was written meanwhile.
    await expect.poll(() => txNos.length).toBeGreaterThan(200);
    await stopAll(system.relays);
    const reached = txNos.length;
    await expect.poll(() => txNos.length).toBeGreaterThan(reached + 200);
    await startAll(system.relays);
    load.abort();
    await Promise.all(callers);
    expect(await settled(system, txNos)).toEqual({ CONFIRMED: txNos.length, REJECTED: 0 });
    expect(await taken(system, 1n)).toMatchObject({ taken: txNos.length, logged: txNos.length });
    // Both have had their part.
    expect(await counted('applied', 0)).toBeGreaterThan(0);
    expect(await counted('applied', 1)).toBeGreaterThan(0);
  });

  it('know each other’s orders: a txNo that is submitted again at the other is the same order', async () => {
    const [atThis = '', atPrevious = ''] = await Promise.all([0, 1].map((i) => submit(system, {}, i)));
    await submit(system, { txNo: atThis }, 1);
    await submit(system, { txNo: atPrevious }, 0);
    expect(await settled(system, [atThis, atPrevious])).toEqual({ CONFIRMED: 2, REJECTED: 0 });
  });

  it.each(REPLICAS)('the other ends what the replica of $release has written', async (side) => {
    const before = await taken(system, 2n);
    await stopAll(system.relays);
    const written = Array.from({ length: 100 }, () => submit(system, { productId: 2n }, side.replica));
    const txNos = await Promise.all(written);
    await pick(system.orders, side.replica).stop();
    await startAll(system.relays);
    expect(await settled(system, txNos)).toEqual({ CONFIRMED: 100, REJECTED: 0 });
    await pick(system.orders, side.replica).start();
    expect((await taken(system, 2n)).taken - before.taken).toBe(100);
  });

  it.each(REPLICAS)('the other knows what the stock of $release has applied', async (side) => {
    const first = pick(system.stocks, side.replica);
    const second = pick(system.stocks, side.other);
    await second.stop();
    const txNos = await submitToBoth(3n, 50);
    expect(await settled(system, txNos)).toEqual({ CONFIRMED: 50, REJECTED: 0 });
    const before = await taken(system, 3n);
    await first.stop();
    await system.broker.resetOffset(system.stockGroup, system.messageTopic, 0);
    await second.start();
    await expect.poll(() => counted('duplicates', side.other)).toBeGreaterThanOrEqual(50);
    await first.start();
    await settled(system, await submitMany(system, 1));
    expect(await taken(system, 3n)).toEqual(before);
  });

  it.each(REPLICAS)('a relay of $release finds no difference in their books', async ({ replica }) => {
    expect((await auditOf(system, replica)).differences).toEqual([]);
  });
});
