import { armFailpoints, TxmsgError } from '@txmsg/core';
import type { Database } from '@txmsg/mysql';
import { createTcpProxy } from '@txmsg/stack/testing';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { checkTransaction, fenceTransaction } from '../store/markers.js';
import { createReplica, type Replica } from '../test-support/replica.js';
import type { NewOrder, Order } from '../test-support/shop.js';
import { findOrdersByTxNo, orders, tables, txGroup, txLog } from '../test-support/shop.js';
import { createOrderDatabase, type OrderDatabase } from '../test-support/shop-database.js';

let orderDatabase: OrderDatabase;
let database: Database;
let replica: Replica;

beforeAll(async () => {
  orderDatabase = await createOrderDatabase();
  database = orderDatabase.connect();
  replica = await createReplica(database);
});
afterEach(() => armFailpoints([]));
afterAll(() => orderDatabase.close());

function newOrder(fields: Partial<NewOrder> = {}): NewOrder {
  return { txNo: uuidv7(), orderNo: uuidv7(), productId: 1n, payCount: 2, ...fields };
}

function codeOf(result: PromiseSettledResult<Order>): string {
  if (result.status === 'fulfilled') return result.value.status;
  return result.reason instanceof TxmsgError ? result.reason.code : String(result.reason);
}

const stored = (txNos: readonly string[]) => database.run((db) => findOrdersByTxNo(db, txNos));
const groupStates = () => database.run((db) => db.select().from(txGroup));
const logOf = async (txNo: string) =>
  (await database.run((db) => db.select().from(txLog))).filter((row) => row.txNo === txNo);

describe('writing groups', () => {
  it('writes marker, log and order together, and commits the half message', async () => {
    const order = newOrder();
    const accepted = await replica.queue.submit(order);
    expect(accepted).toMatchObject({ ...order, status: 'PENDING' });
    const [half] = replica.relay.halves.filter(({ txNos }) => txNos.includes(order.txNo));
    await expect.poll(() => replica.relay.ended.get(half?.transactionId ?? '')).toBe('COMMIT');
    const [log] = await logOf(order.txNo);
    expect(log).toMatchObject({ state: 'PENDING', relayCount: 1, transactionId: half?.transactionId });
    expect(log?.createTime.getTime()).toBe(half?.createTimeMs);
    expect((await stored([order.txNo]))[0]?.createTime.getTime()).toBe(half?.createTimeMs);
  });

  it('says nothing of a half message before its local transaction has committed', async () => {
    const quiet = await createReplica(database);
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let reached = false;
    const act = () => {
      reached = true;
      return held;
    };
    armFailpoints([{ name: 'order.before-commit', nth: 1, act }]);
    const accepted = quiet.queue.submit(newOrder());
    await expect.poll(() => reached && quiet.relay.halves.length).toBe(1);
    expect([...quiet.relay.ended.values()]).toEqual([]);
    letGo();
    await accepted;
    await expect.poll(() => [...quiet.relay.ended.values()]).toEqual(['COMMIT']);
  });

  it('forms one group of what arrives at once, and one of what arrives while that is written', async () => {
    const before = replica.relay.halves.length;
    const submit = (count: number) => Array.from({ length: count }, () => replica.queue.submit(newOrder()));
    const first = submit(3);
    while (replica.relay.halves.length === before) await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([...first, ...submit(60), ...submit(40)]);
    expect(replica.relay.halves.slice(before).map(({ txNos }) => txNos.length)).toEqual([3, 100]);
  });

  it('is drained when all is written, and also when what waited was refused', async () => {
    const other = await createReplica(database);
    const written = other.queue.submit(newOrder());
    await other.queue.drain();
    await expect(written).resolves.toMatchObject({ status: 'PENDING' });
    const refused = other.queue.submit(newOrder());
    const drained = other.queue.drain();
    other.queue.rejectAll(() => new Error('gone'));
    await expect(refused).rejects.toThrow('gone');
    await drained;
  });

  it('answers a retry with the order on record and refuses other content, whoever is beside it', async () => {
    const first = await replica.queue.submit(newOrder());
    const other = await createReplica(database);
    const group = [
      newOrder(),
      { ...newOrder(), txNo: first.txNo },
      ...Array.from({ length: 98 }, () => newOrder()),
    ];
    const results = await Promise.allSettled(group.map((order) => other.queue.submit(order)));
    expect(results.map(codeOf)).toEqual(group.map(() => 'PENDING'));
    expect(results[1]).toMatchObject({ value: { orderNo: first.orderNo } });
    const clash = await Promise.allSettled([
      other.queue.submit(newOrder({ txNo: first.txNo, payCount: 3 })),
      other.queue.submit(newOrder()),
    ]);
    expect(clash.map(codeOf)).toEqual(['ALREADY_EXISTS', 'PENDING']);
  });

  it('gives one order for one tx_no submitted twice at the same time, on one replica and on two, 50 times', async () => {
    const other = await createReplica(database);
    for (let round = 0; round < 50; round += 1) {
      const txNo = uuidv7();
      const submit = (on: Replica) => on.queue.submit(newOrder({ txNo }));
      const accepted = await Promise.all([submit(replica), submit(replica), submit(other)]);
      expect(new Set(accepted.map(({ orderNo }) => orderNo)).size).toBe(1);
      expect(await stored([txNo])).toHaveLength(1);
    }
  });

  it('commits one content when two replicas submit one tx_no with two, 30 times', async () => {
    const other = await createReplica(database);
    for (let round = 0; round < 30; round += 1) {
      const txNo = uuidv7();
      const results = await Promise.allSettled([
        replica.queue.submit(newOrder({ txNo, payCount: 1 })),
        other.queue.submit(newOrder({ txNo, payCount: 2 })),
      ]);
      expect(results.map(codeOf).sort()).toEqual(['ALREADY_EXISTS', 'PENDING']);
      const [order] = await stored([txNo]);
      const [log] = await logOf(txNo);
      const winner = [...replica.relay.halves, ...other.relay.halves].find(
        (half) => half.transactionId === log?.transactionId,
      );
      expect(winner?.body.toString()).toContain(`"payCount":${order?.payCount},`);
      const losers = [replica, other].flatMap(({ relay }) =>
        relay.halves
          .filter((half) => half.txNos.includes(txNo) && half !== winner)
          .map((half) => relay.ended.get(half.transactionId)),
      );
      expect(losers).not.toContain('COMMIT');
    }
  });

  it('keeps abc and ABC apart', async () => {
    const [lower, upper] = await Promise.all([
      replica.queue.submit(newOrder({ txNo: 'abc', payCount: 1 })),
      replica.queue.submit(newOrder({ txNo: 'ABC', payCount: 2 })),
    ]);
    expect(lower?.orderNo).not.toBe(upper?.orderNo);
    expect(await stored(['abc', 'ABC'])).toHaveLength(2);
  });

  it('refuses at once beyond the bound of the queue, with a retry delay', async () => {
    const small = await createReplica(database, { maxQueued: 5 });
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, () => small.queue.submit(newOrder())),
    );
    const codes = results.map(codeOf);
    expect(codes.filter((code) => code === 'PENDING')).toHaveLength(5);
    expect(codes.filter((code) => code === 'RESOURCE_EXHAUSTED')).toHaveLength(15);
    const refusal = results.at(-1);
    expect(refusal?.status === 'rejected' && refusal.reason.details.retryDelayMs).toBeGreaterThan(0);
  });
});

describe('fencing', () => {
  const limits = { fenceMs: 0, retentionMs: 600_000 };

  it('makes a late local transaction fail and tries its orders again under a new id, unseen by the caller', async () => {
    const late = await createReplica(database);
    const fenced: string[] = [];
    armFailpoints([
      {
        name: 'order.before-insert',
        nth: 1,
        act: async () => {
          await vi.waitFor(() => expect(late.relay.halves).toHaveLength(1));
          const id = late.relay.halves[0]?.transactionId ?? '';
          expect(
            await checkTransaction(
              database,
              tables,
              { transactionId: id, createTimeMs: 0, nowMs: 0 },
              limits,
            ),
          ).toBe('ROLLBACK');
          fenced.push(id);
        },
      },
    ]);
    const order = newOrder();
    expect(await late.queue.submit(order)).toMatchObject({ status: 'PENDING', orderNo: order.orderNo });
    const [first, second] = late.relay.halves.map(({ transactionId }) => transactionId);
    expect(fenced).toEqual([first]);
    await expect
      .poll(() => [late.relay.ended.get(first ?? ''), late.relay.ended.get(second ?? '')])
      .toEqual(['ROLLBACK', 'COMMIT']);
    expect(
      await checkTransaction(
        database,
        tables,
        { transactionId: first ?? '', createTimeMs: 0, nowMs: 0 },
        limits,
      ),
    ).toBe('ROLLBACK');
    expect(
      await checkTransaction(
        database,
        tables,
        { transactionId: second ?? '', createTimeMs: 0, nowMs: 0 },
        limits,
      ),
    ).toBe('COMMIT');
    expect((await logOf(order.txNo)).map(({ transactionId }) => transactionId)).toEqual([second]);
  });

  it('gives one verdict whichever of commit and check comes first, 100 times', async () => {
    const racing = await createReplica(database);
    const verdicts = new Map<string, string>();
    const soonOrLater = () => new Promise<void>((resolve) => setTimeout(resolve, Math.random() * 4));
    armFailpoints([{ name: 'order.before-insert', act: soonOrLater }]);
    racing.relay.onPrepare = ({ transactionId }) => {
      // The check runs beside the local transaction, sooner or later by chance; later attempts are left alone.
      if (racing.relay.halves.length % 2 === 0) return;
      void (async () => {
        await soonOrLater();
        verdicts.set(transactionId, await fenceTransaction(database, tables, transactionId, new Date()));
      })();
    };
    for (let round = 0; round < 100; round += 1) await racing.queue.submit(newOrder());
    await expect.poll(() => verdicts.size).toBeGreaterThanOrEqual(50);
    const states = new Map((await groupStates()).map(({ transactionId, state }) => [transactionId, state]));
    const logged = new Set(
      (await database.run((db) => db.select().from(txLog))).map(({ transactionId }) => transactionId),
    );
    for (const [id, verdict] of verdicts) {
      expect(states.get(id)).toBe(verdict === 'COMMIT' ? 'LIVE' : 'FENCED');
      expect(logged.has(id)).toBe(verdict === 'COMMIT');
    }
    expect(new Set(verdicts.values())).toEqual(new Set(['COMMIT', 'ROLLBACK']));
  });
});

describe('faults of the database', () => {
  it('never rolls back a half message whose commit is in doubt, and finds out by fencing', async () => {
    const proxy = await createTcpProxy({ target: inject('databaseAddress') });
    const doubtful = await createReplica(orderDatabase.connect({ address: proxy.address, timeoutMs: 700 }));
    armFailpoints([{ name: 'order.before-commit', nth: 1, act: () => proxy.dropReplies() }]);
    const order = newOrder();
    const answer = doubtful.queue.submit(order);
    // The commit arrives; its reply doesn't. The look that follows goes through again.
    await expect.poll(() => stored([order.txNo])).toHaveLength(1);
    proxy.restore();
    const [result] = await Promise.allSettled([answer]);
    expect(['PENDING', 'UNAVAILABLE']).toContain(result && codeOf(result));
    expect([...doubtful.relay.ended.values()]).not.toContain('ROLLBACK');
    await proxy.close();
  });

  it('answers UNAVAILABLE with the tx_no when the database cannot be reached, and tells of the outage', async () => {
    const proxy = await createTcpProxy({ target: inject('databaseAddress') });
    const cut = await createReplica(orderDatabase.connect({ address: proxy.address, timeoutMs: 700 }));
    proxy.cut();
    const order = newOrder();
    const [result] = await Promise.allSettled([cut.queue.submit(order)]);
    expect(result).toMatchObject({
      reason: { code: 'UNAVAILABLE', details: { info: { metadata: { tx_no: order.txNo } } } },
    });
    expect(cut.outages.length).toBeGreaterThan(0);
    proxy.restore();
    expect(await cut.queue.submit(order)).toMatchObject({ status: 'PENDING', orderNo: order.orderNo });
    await proxy.close();
  });

  it('makes a group due at once when its half message could not be sent', async () => {
    const without = await createReplica(database);
    without.relay.onPrepare = () => Promise.reject(new Error('relay away'));
    const failed = await without.queue.submit(newOrder());
    await expect.poll(async () => (await logOf(failed.txNo))[0]?.relayCount).toBe(0);
    without.relay.available = false;
    const skipped = await without.queue.submit(newOrder());
    for (const { txNo } of [failed, skipped]) {
      const [log] = await logOf(txNo);
      expect(log?.relayCount).toBe(0);
      expect(log?.nextRelayTime.getTime()).toBeLessThanOrEqual(without.clock.nowMs());
    }
    expect(without.relay.halves).toHaveLength(1);
  });

  it('lets one order wait for a lock that another session keeps, and not its neighbours', async () => {
    const keeper = await createReplica(orderDatabase.connect({ timeoutMs: 30_000 }));
    let letGo = () => {};
    const kept = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    armFailpoints([{ name: 'order.before-commit', nth: 1, act: () => kept }]);
    const locked = newOrder();
    const first = keeper.queue.submit(locked);
    await expect.poll(() => keeper.relay.halves.length).toBe(1);
    const impatient = orderDatabase.connect({ timeoutMs: 5_000, lockWaitSeconds: 1 });
    const beside = await createReplica(impatient);
    const warm = beside.queue.submit(newOrder());
    const group = [newOrder(), { ...newOrder(), txNo: locked.txNo }, newOrder()];
    const results = Promise.allSettled(group.map((order) => beside.queue.submit(order)));
    await warm;
    expect((await results).map(codeOf)).toEqual(['PENDING', 'UNAVAILABLE', 'PENDING']);
    expect(beside.outages).toEqual([]);
    letGo();
    await first;
    expect(await beside.queue.submit(group[1] ?? locked)).toMatchObject({ orderNo: locked.orderNo });
  });

  it('leaves nothing of a group that fails', async () => {
    armFailpoints([{ name: 'order.before-commit', nth: 1, act: () => Promise.reject(new Error('crash')) }]);
    const order = newOrder();
    const [result] = await Promise.allSettled([replica.queue.submit(order)]);
    expect(result?.status).toBe('rejected');
    expect(await stored([order.txNo])).toHaveLength(0);
    expect(await logOf(order.txNo)).toHaveLength(0);
    const all = await database.run((db) => db.select({ txNo: orders.txNo }).from(orders));
    expect(all.map(({ txNo }) => txNo)).not.toContain(order.txNo);
  });
});
