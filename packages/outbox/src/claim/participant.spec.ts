import type { Database } from '@txmsg/mysql';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { purgeOnce } from '../retention/retention.js';
import { oldestUnsettled } from '../store/claims.js';
import type { NewOrder } from '../test-support/shop.js';
import { findOrdersByTxNo, groupSql, tables, txGroup, txLog } from '../test-support/shop.js';
import { createOrderDatabase, type OrderDatabase } from '../test-support/shop-database.js';
import { createShopParticipant } from '../test-support/shop-participant.js';
import type { Participant } from './participant.js';

const DAY = 86_400_000;

let orderDatabase: OrderDatabase;
let database: Database;
let participant: Participant;
let nowMs: number;
const databases: OrderDatabase[] = [];
const settledHere: string[] = [];

beforeEach(async () => {
  orderDatabase = await createOrderDatabase();
  databases.push(orderDatabase);
  database = orderDatabase.connect();
  nowMs = Date.now();
  participant = createTestParticipant();
});
afterAll(() => Promise.all(databases.map((each) => each.close())));

/** A participant whose clock the test moves. */
function createTestParticipant(): Participant {
  return createShopParticipant(
    database,
    { nowMs: () => nowMs, sync: async () => {} },
    {
      maxGroupSize: 2,
      onSettled: (txNos) => settledHere.push(...txNos),
    },
  );
}

/** Writes a group as the group writer does. */
async function write(
  count: number,
  fields: { relayCount?: number; delayMs?: number } = {},
): Promise<string[]> {
  const orders: NewOrder[] = Array.from({ length: count }, () => ({
    txNo: uuidv7(),
    orderNo: uuidv7(),
    productId: 1n,
    payCount: 1,
  }));
  const createTime = new Date(nowMs);
  const nextRelayTime = new Date(nowMs + (fields.delayMs ?? 10_000));
  const group = {
    transactionId: uuidv7(),
    createTime,
    nextRelayTime,
    relayCount: fields.relayCount ?? 1,
    orders,
  };
  await database.transactAfter(
    async () => groupSql(group),
    async () => {},
  );
  return orders.map(({ txNo }) => txNo);
}

const log = () => database.run((db) => db.select().from(txLog));
const confirmed = (txNo: string) => ({ txNo, outcome: 'APPLIED' as const, reason: '' });

describe('claiming', () => {
  it('hands out what is due, in groups within the limits, and not again before the lease ends', async () => {
    const txNos = await write(5);
    expect((await participant.claim(100)).groups).toEqual([]);
    nowMs += 10_000;
    const { groups, more } = await participant.claim(100);
    expect(groups.map((group) => group.txNos.length)).toEqual([2, 2, 1]);
    expect(groups.flatMap((group) => group.txNos).sort()).toEqual([...txNos].sort());
    expect(groups.flatMap(({ body }) => body.toString()).join()).toContain(txNos[0]);
    expect(more).toBe(false);
    nowMs += 18_000;
    expect((await participant.claim(100)).groups).toEqual([]);
    nowMs += 4_000;
    expect((await participant.claim(100)).groups).toHaveLength(3);
  });

  it('doubles the delay with each publication, up to the bound', async () => {
    await write(1);
    const delays: number[] = [];
    for (let publication = 0; publication < 12; publication += 1) {
      nowMs = ((await log())[0]?.nextRelayTime.getTime() ?? 0) + 1;
      expect((await participant.claim(1)).groups).toHaveLength(1);
      delays.push(((await log())[0]?.nextRelayTime.getTime() ?? 0) - nowMs);
    }
    expect(delays[0]).toBeGreaterThan(18_900);
    expect(delays[0]).toBeLessThan(21_100);
    for (const delay of delays.slice(9)) expect(delay).toBeLessThan(3_600_000 * 1.06);
    expect(delays[11]).toBeGreaterThan(3_600_000 * 0.94);
  });

  it('never hands one row to two relays at once', async () => {
    await write(60);
    nowMs += 10_000;
    const claims = await Promise.all(Array.from({ length: 6 }, () => createTestParticipant().claim(20)));
    const claimed = claims.flatMap(({ groups }) => groups.flatMap(({ txNos }) => txNos));
    expect(new Set(claimed).size).toBe(claimed.length);
  });

  it('gives back a failed publication: due at once, uncounted', async () => {
    const [txNo = ''] = await write(1);
    nowMs += 10_000;
    await participant.claim(1);
    await participant.release([txNo]);
    expect((await log())[0]?.relayCount).toBe(1);
    expect((await participant.claim(1)).groups).toHaveLength(1);
  });

  it('holds back a backlog by the lag that the consumer measured, but for a probe, and what was never published', async () => {
    const [first = ''] = await write(1);
    nowMs += 60_000;
    await participant.settle([confirmed(first)], 60_000);
    expect(participant.giveFirstDelayMs()).toBe(120_000);
    await write(30, { delayMs: 10_000 });
    const [unpublished] = await write(1, { relayCount: 0, delayMs: 0 });
    nowMs += 20_000;
    const probe = (await participant.claim(100)).groups.flatMap(({ txNos }) => txNos);
    expect(probe).toHaveLength(11);
    expect(probe).toContain(unpublished);
    nowMs += 90_000;
    expect((await participant.claim(100)).groups).toEqual([]);
    nowMs += 10_001;
    expect((await participant.claim(100)).groups.flatMap(({ txNos }) => txNos)).toHaveLength(20);
  });

  it('brings forward what was put off under a lag that has fallen, and nothing else', async () => {
    const [first = ''] = await write(1);
    nowMs += 60_000;
    await participant.settle([confirmed(first)], 60_000);
    await write(3, { delayMs: 120_000 });
    const [tried = ''] = await write(1, { relayCount: 5, delayMs: 150_000 });
    // Another replica that never saw the lag stands for a time when it is forgotten.
    const later = createTestParticipant();
    expect((await later.claim(2)).groups).toEqual([]);
    expect((await later.claim(2)).groups).toEqual([]);
    nowMs += 11_000;
    expect((await later.claim(100)).groups.flatMap(({ txNos }) => txNos)).toHaveLength(3);
    const waiting = (await log()).find(({ txNo }) => txNo === tried);
    expect(waiting?.nextRelayTime.getTime()).toBe(nowMs - 11_000 + 150_000);
  });

  it('leaves a backlog alone while the lag lasts', async () => {
    await participant.claim(10);
    const [first = ''] = await write(1);
    nowMs += 60_000;
    await participant.settle([confirmed(first)], 60_000);
    await write(30, { delayMs: participant.giveFirstDelayMs() });
    await participant.claim(10);
    nowMs += 60_000;
    expect((await participant.claim(100)).groups).toEqual([]);
  });

  it('tells the oldest unsettled create time, and never one within the fence time', async () => {
    const start = nowMs;
    const [txNo = ''] = await write(1);
    expect((await participant.claim(1)).oldestUnsettled?.getTime()).toBe(start - 30_000);
    nowMs += 100_000;
    expect((await participant.claim(1)).oldestUnsettled?.getTime()).toBe(start);
    await participant.settle([confirmed(txNo)], 5);
    expect((await participant.claim(1)).oldestUnsettled?.getTime()).toBe(start);
    nowMs += 100_000;
    expect((await participant.claim(1)).oldestUnsettled?.getTime()).toBe(nowMs - 30_000);
  });

  it('does not move the oldest unsettled time past what is written after it was read', async () => {
    await participant.claim(1);
    const writtenMs = nowMs + 1;
    nowMs = writtenMs;
    await write(1);
    for (; nowMs < writtenMs + 60_000; nowMs += 3_000)
      expect((await participant.claim(1)).oldestUnsettled?.getTime()).toBeLessThanOrEqual(writtenMs);
  });
});

describe('settling', () => {
  it('confirms and rejects, once, and counts what it knew and did not know', async () => {
    const [a = '', b = ''] = await write(2);
    const rejected = { txNo: b, outcome: 'REJECTED' as const, reason: 'INSUFFICIENT_STOCK' };
    expect(await participant.settle([confirmed(a), rejected, confirmed('nobody')], 5)).toEqual({
      settled: 2,
      alreadySettled: 0,
      unknown: 1,
      unsettled: [],
    });
    expect(await participant.settle([{ ...rejected, txNo: a }, confirmed(b)], 5)).toEqual({
      settled: 0,
      alreadySettled: 2,
      unknown: 0,
      unsettled: [],
    });
    const orders = new Map(
      (await database.run((db) => findOrdersByTxNo(db, [a, b]))).map((order) => [order.txNo, order]),
    );
    expect(orders.get(a)).toMatchObject({ status: 'CONFIRMED', statusReason: '' });
    expect(orders.get(b)).toMatchObject({ status: 'REJECTED', statusReason: 'INSUFFICIENT_STOCK' });
    expect(settledHere).toEqual(expect.arrayContaining([a, b]));
    nowMs += 3_600_000;
    expect((await participant.claim(10)).groups).toEqual([]);
  });

  it('takes no lag from a consumer that is older than what was settled, nor any when nothing was', async () => {
    await participant.settle([confirmed('nobody')], 1.7e18);
    expect(participant.giveFirstDelayMs()).toBe(10_000);
    const [txNo = ''] = await write(1);
    nowMs += 7_000;
    await participant.settle([confirmed(txNo)], 1.7e18);
    expect(participant.giveFirstDelayMs()).toBe(14_000);
  });

  it('settles the same orders from two relays at once without harm', async () => {
    const txNos = await write(50);
    const counts = await Promise.all(
      [txNos, [...txNos].reverse()].map((list) => participant.settle(list.map(confirmed), 5)),
    );
    expect(counts.reduce((sum, { settled }) => sum + settled, 0)).toBe(50);
  });
});

describe('settling in part', () => {
  it('settles what is left of a batch, and leaves what was settled before as it was', async () => {
    const [a = '', b = '', c = ''] = await write(3);
    await participant.settle([confirmed(a)], 5);
    nowMs += 60_000;
    const rejected = (txNo: string) => ({ txNo, outcome: 'REJECTED' as const, reason: 'UNKNOWN_PRODUCT' });
    expect(await participant.settle([a, b, c, b].map(rejected), 5)).toEqual({
      settled: 2,
      alreadySettled: 1,
      unknown: 0,
      unsettled: [],
    });
    const orders = await database.run((db) => findOrdersByTxNo(db, [a, b, c]));
    const statusOf = new Map(orders.map(({ txNo, status }) => [txNo, status]));
    expect([a, b, c].map((txNo) => statusOf.get(txNo))).toEqual(['CONFIRMED', 'REJECTED', 'REJECTED']);
    expect(orders.find(({ txNo }) => txNo === a)?.updateTime.getTime()).toBe(nowMs - 60_000);
  });

  it('takes the age of what was published once for the lag, when the consumer measured none', async () => {
    const [again = ''] = await write(1, { relayCount: 2 });
    nowMs += 40_000;
    const [once = ''] = await write(1);
    nowMs += 20_000;
    await participant.settle([confirmed(again)], undefined);
    expect(participant.giveFirstDelayMs()).toBe(10_000);
    await participant.settle([confirmed(once), confirmed(again)], undefined);
    expect(participant.giveFirstDelayMs()).toBe(40_000);
  });
});

describe('checking', () => {
  it('answers for a tx_no and never fences it', async () => {
    const [txNo = ''] = await write(1);
    expect(await participant.checkByTxNo(txNo)).toBe('COMMIT');
    expect(await participant.checkByTxNo('nobody')).toBe('UNKNOWN');
    expect(await database.run((db) => db.select().from(txGroup))).toHaveLength(1);
  });

  it('fences after the fence time only, and writes nothing past the retention time', async () => {
    const id = uuidv7();
    expect(await participant.check(id, nowMs - 29_000)).toBe('UNKNOWN');
    expect(await participant.check(id, undefined)).toBe('UNKNOWN');
    expect(await participant.check(id, nowMs - 8 * DAY)).toBe('ROLLBACK');
    expect(await database.run((db) => db.select().from(txGroup))).toHaveLength(0);
    expect(await participant.check(id, nowMs - 31_000)).toBe('ROLLBACK');
    expect(await participant.check(id, nowMs - 1_000)).toBe('ROLLBACK');
  });
});

describe('retention', () => {
  it('purges settled rows past the time, and no marker that an unsettled row needs', async () => {
    const [old = ''] = await write(1);
    const unsettled = await write(1);
    nowMs += 1_000;
    const [young = ''] = await write(1);
    await participant.settle([confirmed(old), confirmed(young)], 5);
    nowMs += 7 * DAY - 500;
    const clock = { nowMs: () => nowMs, sync: async () => {} };
    const watermark = async () =>
      (await database.run((db) => oldestUnsettled(db, tables))) ?? new Date(nowMs);
    await purgeOnce(
      { database, tables, clock, retentionMs: 7 * DAY, watermark },
      new AbortController().signal,
    );
    expect((await log()).map(({ txNo }) => txNo).sort()).toEqual([...unsettled, young].sort());
    expect(await database.run((db) => db.select().from(txGroup))).toHaveLength(3);
    await participant.settle(unsettled.map(confirmed), 5);
    await purgeOnce(
      { database, tables, clock, retentionMs: 7 * DAY, watermark },
      new AbortController().signal,
    );
    expect((await log()).map(({ txNo }) => txNo)).toEqual([young]);
    expect(await database.run((db) => db.select().from(txGroup))).toHaveLength(1);
  });
});
