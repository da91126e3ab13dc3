import { DeadLetterStatus } from '@txmsg/contracts/stock-admin';
import type { Release, System } from '@txmsg/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditOf } from './test-support/audit.js';
import { createForeignProducer, settled, submit, taken } from './test-support/flow.js';
import { startMixed } from './test-support/releases.js';

const { PENDING } = DeadLetterStatus;
const BOTH: readonly Release[] = ['this', 'previous'];
const REPLICAS = BOTH.map((release, replica) => ({
  release: `the ${release === 'this' ? 'new' : 'previous'} release`,
  replica,
  other: 1 - replica,
}));

let system: System;
let producer: ReturnType<typeof createForeignProducer>;

beforeAll(async () => {
  system = await startMixed({ orders: BOTH, relays: BOTH, stocks: BOTH, schema: 'this' });
  for (const productId of [1n, 2n, 3n]) await system.addStock(productId, 100_000n);
  producer = createForeignProducer(system);
});
afterAll(async () => {
  await producer?.close();
  await system?.stop();
});

type Service = System['orders'][number];
const stopAll = (services: readonly Service[]) => Promise.all(services.map((service) => service.stop()));
const startAll = (services: readonly Service[]) => Promise.all(services.map((service) => service.start()));

/** The replica of a service, and not the other one. */
function pick(services: readonly Service[], replica: number): Service {
  const found = services[replica];
  if (!found) throw new RangeError(`no replica ${replica}`);
  return found;
}

async function counted(name: string, replica: number): Promise<number> {
  const { counters } = await system.stockAdminClient(replica).getStatus({});
  return Number(counters[name] ?? 0n);
}

/** Transactions that the stock side has on record. */
async function recorded(): Promise<number> {
  const [rows] = await system.stockDb.query('SELECT tx_no FROM tx_log');
  return (rows as unknown[]).length;
}

/** The pending dead letters and their reasons, as a replica of the stock tells them. */
async function letters(replica: number): Promise<string[]> {
  const { deadLetters } = await system.stockAdminClient(replica).listDeadLetters({ status: PENDING });
  return deadLetters.map(({ deadLetterId, reason }) => `${deadLetterId} ${reason}`);
}

async function dropLetters(replica: number): Promise<void> {
  const admin = system.stockAdminClient(replica);
  const { deadLetters } = await admin.listDeadLetters({ status: PENDING });
  for (const { deadLetterId } of deadLetters) await admin.dropDeadLetter({ deadLetterId, actor: 'a test' });
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
});

describe.each(REPLICAS)('when replicas of $release have worked alone', ({ replica, other }) => {
  let txNos: string[];
  beforeAll(async () => {
    await Promise.all([stopAll(system.relays), pick(system.stocks, other).stop()]);
    const written = Array.from({ length: 100 }, () => submit(system, { productId: 2n }, replica));
    txNos = await Promise.all(written);
    await pick(system.orders, replica).stop();
    await startAll(system.relays);
  });
  afterAll(() => Promise.all([pick(system.orders, replica).start(), pick(system.stocks, replica).start()]));

  it('the other order service publishes and settles what was written', async () => {
    expect(await settled(system, txNos)).toEqual({ CONFIRMED: 100, REJECTED: 0 });
  });

  it('the other stock shows and drops the dead letters, and applies nothing again', async () => {
    await producer.publish(`no JSON ${replica}`);
    await producer.publish(`{"txMessage":{"txNo":"a b ${replica}","productId":1,"payCount":1}}`);
    await expect.poll(async () => (await letters(replica)).length).toBe(2);
    const before = { letters: await letters(replica), taken: await taken(system, 2n) };
    await pick(system.stocks, replica).stop();
    await system.broker.resetOffset(system.stockGroup, system.messageTopic, 0);
    await pick(system.stocks, other).start();
    expect(await letters(other)).toEqual(before.letters);
    const applied = await recorded();
    await expect.poll(() => counted('duplicates', other)).toBeGreaterThanOrEqual(applied);
    expect(await taken(system, 2n)).toEqual(before.taken);
    await dropLetters(other);
    expect(await letters(other)).toEqual([]);
  });
});

describe('the audit', () => {
  it.each(REPLICAS)('a relay of $release finds no difference in their books', async ({ replica }) => {
    expect((await auditOf(system, replica)).differences).toEqual([]);
  });
});
