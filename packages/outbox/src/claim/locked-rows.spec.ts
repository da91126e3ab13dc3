import type { Database } from '@txmsg/mysql';
import { eq } from '@txmsg/mysql/drizzle';
import { createConnection } from 'mysql2/promise';
import { v7 as uuidv7 } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { purgeOnce } from '../retention/retention.js';
import { findOrdersByTxNo, groupSql, tables, txLog } from '../test-support/shop.js';
import { createOrderDatabase, type OrderDatabase } from '../test-support/shop-database.js';
import { createShopParticipant } from '../test-support/shop-participant.js';
import type { Participant } from './participant.js';

const DAY = 86_400_000;

let orderDatabase: OrderDatabase;
let database: Database;
let participant: Participant;
let nowMs: number;
const closers: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  orderDatabase = await createOrderDatabase();
  closers.push(() => orderDatabase.close());
  database = orderDatabase.connect({ lockWaitSeconds: 1, timeoutMs: 3_000 });
  nowMs = Date.now();
  participant = createShopParticipant(database, { nowMs: () => nowMs, sync: async () => {} });
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Writes a group of orders and returns their txNos. */
async function write(count: number): Promise<string[]> {
  const orders = Array.from({ length: count }, () => ({
    txNo: uuidv7(),
    orderNo: uuidv7(),
    productId: 1n,
    payCount: 1,
  }));
  const createTime = new Date(nowMs);
  const nextRelayTime = new Date(nowMs + 10_000);
  const group = { transactionId: uuidv7(), createTime, nextRelayTime, relayCount: 1, orders };
  await database.transactAfter(
    async () => groupSql(group),
    async () => {},
  );
  return orders.map(({ txNo }) => txNo);
}

/** A session of a stranger that keeps what a statement locks, until the test ends or `release` is called. */
async function keepLocked(statement: string, values: string[]): Promise<{ release(): Promise<void> }> {
  const connection = await createConnection({ uri: orderDatabase.url });
  let open = true;
  const release = async () => {
    if (open) await connection.end();
    open = false;
  };
  closers.push(release);
  await connection.query('SET TRANSACTION ISOLATION LEVEL READ COMMITTED');
  await connection.query('START TRANSACTION');
  await connection.query({ sql: statement, values });
  return { release };
}

const confirmed = (txNo: string) => ({ txNo, outcome: 'APPLIED' as const, reason: '' });
const log = () => database.run((db) => db.select().from(txLog));

async function pendingOrders(txNos: readonly string[]): Promise<string[]> {
  const orders = await database.run((db) => findOrdersByTxNo(db, txNos));
  return orders.filter(({ status }) => status === 'PENDING').map(({ txNo }) => txNo);
}

describe('a row that a stranger keeps locked', () => {
  it.each(['tx_log', 'orders'])('of %s delays its own order only', async (table) => {
    const txNos = await write(100);
    const locked = txNos[41] ?? '';
    const lock = await keepLocked(`SELECT tx_no FROM ${table} WHERE tx_no = ? FOR UPDATE`, [locked]);
    expect(await participant.settle(txNos.map(confirmed), 5)).toEqual({
      settled: 99,
      alreadySettled: 0,
      unknown: 0,
      unsettled: [locked],
    });
    expect(await pendingOrders(txNos)).toEqual([locked]);
    expect((await log()).filter(({ state }) => state === 'PENDING')).toHaveLength(1);
    const again = [...txNos, 'nobody'].map(confirmed);
    expect(await participant.settle(again, 5)).toMatchObject({ settled: 0, alreadySettled: 99, unknown: 1 });
    await lock.release();
    expect(await participant.settle(again, 5)).toEqual({
      settled: 1,
      alreadySettled: 99,
      unknown: 1,
      unsettled: [],
    });
    expect(await pendingOrders(txNos)).toEqual([]);
  });

  it('delays its own order only when two relays bring the batch at once', async () => {
    const txNos = await write(100);
    const locked = txNos[0] ?? '';
    await keepLocked('SELECT tx_no FROM tx_log WHERE tx_no = ? FOR UPDATE', [locked]);
    const batch = txNos.map(confirmed);
    const counts = await Promise.all([participant.settle(batch, 5), participant.settle(batch, 5)]);
    expect(counts.reduce((sum, { settled }) => sum + settled, 0)).toBe(99);
    expect(await pendingOrders(txNos)).toEqual([locked]);
  });

  it('by its entry in an index alone is found in smaller and smaller parts: the others settle after a few calls', async () => {
    const txNos = await write(32);
    // A read that an index alone answers locks the entry there, and no row.
    const [entry] = (await log()).filter(({ txNo }) => txNo === txNos[5]);
    await database.run((db) =>
      db
        .update(txLog)
        .set({ createTime: new Date(nowMs - 5_000), nextRelayTime: new Date(nowMs - 5_000) })
        .where(eq(txLog.txNo, entry?.txNo ?? '')),
    );
    await keepLocked(
      "SELECT state, next_relay_time, create_time FROM tx_log FORCE INDEX (tx_log_due) WHERE state = 'PENDING' AND next_relay_time < ? LOCK IN SHARE MODE",
      [new Date(nowMs - 1_000).toISOString().slice(0, 23).replace('T', ' ')],
    );
    let left = txNos;
    for (let call = 1; call <= 4; call += 1)
      left = [...(await participant.settle(left.map(confirmed), 5)).unsettled];
    expect(left).toContain(txNos[5]);
    // The scan that took the lock may have locked the entry after it, too.
    expect(left.length).toBeLessThanOrEqual(2);
  });

  it('keeps neither claims, nor what they give back, nor the purge of others', async () => {
    const txNos = await write(20);
    const locked = txNos[3] ?? '';
    const free = txNos.filter((txNo) => txNo !== locked).sort();
    const lock = await keepLocked('SELECT tx_no FROM tx_log WHERE tx_no = ? FOR UPDATE', [locked]);
    nowMs += 10_000;
    const claimed = async () => (await participant.claim(100)).groups.flatMap((group) => group.txNos).sort();
    expect(await claimed()).toEqual(free);
    await participant.release(txNos);
    expect(await claimed()).toEqual(free);
    await lock.release();
    await participant.settle(txNos.map(confirmed), 5);
    await keepLocked('SELECT tx_no FROM tx_log WHERE tx_no = ? FOR UPDATE', [locked]);
    nowMs += 8 * DAY;
    const clock = { nowMs: () => nowMs, sync: async () => {} };
    const options = { database, tables, clock, retentionMs: 7 * DAY, watermark: async () => undefined };
    expect(await purgeOnce(options, new AbortController().signal)).toBe(19);
  });
});

describe('a reason that the database can not store', () => {
  it('is written in codes, and its neighbours settle as ever', async () => {
    await database.run((db) =>
      db.execute('ALTER TABLE orders MODIFY status_reason VARCHAR(255) CHARACTER SET latin1 NOT NULL'),
    );
    const [a = '', b = ''] = await write(2);
    const rejected = { txNo: a, outcome: 'REJECTED' as const, reason: '库存不足' };
    expect(await participant.settle([rejected, confirmed(b)], 5)).toMatchObject({
      settled: 2,
      unsettled: [],
    });
    const [order] = await database.run((db) => findOrdersByTxNo(db, [a]));
    expect(order).toMatchObject({
      status: 'REJECTED',
      statusReason: '\\u{5e93}\\u{5b58}\\u{4e0d}\\u{8db3}',
    });
  });
});
