import { armFailpoints } from '@txmsg/core';
import type { Database } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { createMysqlFaultProxy, type MysqlFaultProxy } from '@txmsg/stack/testing';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { checkTransaction, fenceTransaction } from '../store/markers.js';
import { tables, takesStock, txGroup, txLog } from '../test-support/shop.js';
import { createOrderDatabase, type OrderDatabase } from '../test-support/shop-database.js';
import { billOrder, createShopOutbox, type ShopOutbox, shipOrder } from '../test-support/shop-outbox.js';
import type { TransactionWork } from './transaction.js';

let orderDatabase: OrderDatabase;
let database: Database;
let shop: ShopOutbox;
let proxy: MysqlFaultProxy;

beforeAll(async () => {
  orderDatabase = await createOrderDatabase();
  database = orderDatabase.connect({ lockWaitSeconds: 1, timeoutMs: 3_000 });
  proxy = await createMysqlFaultProxy({ target: inject('databaseAddress') });
  await database.run((db) =>
    db.execute(sql`CREATE TABLE shipment (id varchar(64) PRIMARY KEY, n INT NOT NULL) ENGINE=InnoDB`),
  );
});
beforeEach(async () => {
  shop = await createShopOutbox(database);
  await shop.outbox.onPing();
});
afterEach(() => armFailpoints([]));
afterAll(async () => {
  await orderDatabase.close();
  await proxy.close();
});

/** Writes a shipment, and its message. */
const ship =
  (id: string, payCount = 1): TransactionWork<string> =>
  async ({ connection, publish }) => {
    await connection.query('INSERT INTO shipment VALUES (?, 0)', [id]);
    publish(shipOrder, { productId: 1n, payCount }, { txNo: id });
    return id;
  };

const shipments = async (ids: readonly string[]) => {
  const [rows] = await database.run((db) => db.execute(sql`SELECT id FROM shipment`));
  return (rows as unknown as { id: string }[]).map(({ id }) => id).filter((id) => ids.includes(id));
};
const log = async (txNo: string) =>
  (await database.run((db) => db.select().from(txLog))).filter((row) => row.txNo === txNo);
const check = (transactionId: string) =>
  checkTransaction(
    database,
    tables,
    { transactionId, createTimeMs: 0, nowMs: 0 },
    { fenceMs: 0, retentionMs: 600_000 },
  );

/** Nothing is there, or all is, and every half message was ended, or would be, by what is there. */
async function expectOneVerdict(txNo: string, shopOutbox = shop): Promise<'COMMIT' | 'ROLLBACK'> {
  const rows = await log(txNo);
  expect(await shipments([txNo])).toHaveLength(rows.length);
  for (const { transactionId, txNos } of shopOutbox.relay.halves) {
    if (!txNos.includes(txNo)) continue;
    const verdict = rows[0]?.transactionId === transactionId ? 'COMMIT' : 'ROLLBACK';
    expect(await check(transactionId)).toBe(verdict);
    expect([verdict, undefined]).toContain(shopOutbox.relay.ended.get(transactionId));
  }
  return rows.length > 0 ? 'COMMIT' : 'ROLLBACK';
}

describe('a transaction', () => {
  it('commits its work, its marker and its messages together, and ends its half messages', async () => {
    const id = uuidv7();
    const message = { productId: 1n, payCount: 3 };
    const value = await shop.outbox.transaction(async ({ db, publish }) => {
      await db.execute(sql`INSERT INTO shipment VALUES (${id}, 0)`);
      publish(shipOrder, message, { txNo: id });
      publish(billOrder, { productId: 2n, payCount: 1 }, { txNo: `${id}:bill` });
      // Messages leave as they were when they were published.
      message.payCount = 99;
      return 'value';
    });
    expect(value).toBe('value');
    const [row] = await log(id);
    expect(row).toMatchObject({ type: 'ShipOrder', state: 'PENDING', relayCount: 1 });
    expect(row?.payload?.toString()).toBe('{"productId":"1","payCount":3}');
    const transactionId = row?.transactionId ?? '';
    expect(shop.relay.halves).toMatchObject([
      { transactionId, type: 'ShipOrder', topic: 'topic_shiporder', txNos: [id] },
      { transactionId, type: 'BillOrder', topic: 'topic_billorder', txNos: [`${id}:bill`] },
    ]);
    expect(shop.relay.halves[0]?.body.toString()).toContain('"payCount":3');
    await expect.poll(() => shop.relay.ended.get(transactionId)).toBe('COMMIT');
    expect(await check(transactionId)).toBe('COMMIT');
  });

  it('whose work throws leaves nothing, and says nothing to the broker', async () => {
    const id = uuidv7();
    const markers = (await database.run((db) => db.select().from(txGroup))).length;
    const refused = shop.outbox.transaction(async (tx) => {
      await ship(id)(tx);
      throw new Error('changed my mind');
    });
    await expect(refused).rejects.toThrow('changed my mind');
    expect(await expectOneVerdict(id)).toBe('ROLLBACK');
    expect(shop.relay.halves).toEqual([]);
    expect(await database.run((db) => db.select().from(txGroup))).toHaveLength(markers);
  });

  it('that meets a key of its own tables gets that error, and is not run again', async () => {
    const [id, other] = [uuidv7(), uuidv7()];
    await shop.outbox.transaction(ship(id));
    let runs = 0;
    const clash = shop.outbox.transaction(async ({ connection, publish }) => {
      runs += 1;
      publish(shipOrder, { productId: 1n, payCount: 1 }, { txNo: other });
      await connection.query('INSERT INTO shipment VALUES (?, 0)', [id]);
    });
    await expect(clash).rejects.toMatchObject({ errno: 1062 });
    expect(runs).toBe(1);
    expect(await log(other)).toEqual([]);
  });

  it('whose work fails for a reason of its own gets that error, and the database is not suspected', async () => {
    const away = Object.assign(new Error('connect ECONNREFUSED'), {
      code: 'ECONNREFUSED',
      syscall: 'connect',
    });
    const failing = shop.outbox.transaction(async ({ connection }) => {
      await connection.query('SELECT 1');
      throw away;
    });
    await expect(failing).rejects.toBe(away);
    expect(shop.outages).toEqual([]);
  });

  it('is due for the outbox at once while no relay can be reached, or when its half message was not sent', async () => {
    const [unreached, unsent] = [uuidv7(), uuidv7()];
    shop.relay.available = false;
    await shop.outbox.transaction(ship(unreached));
    shop.relay.available = true;
    shop.relay.onPrepare = () => {
      throw new Error('refused');
    };
    await shop.outbox.transaction(ship(unsent));
    await expect.poll(async () => (await log(unsent))[0]?.relayCount).toBe(0);
    const { groups } = await shop.outbox.participant.claim(100);
    const [group] = groups.filter(({ type }) => type === 'ShipOrder');
    expect(group?.topic).toBe('topic_shiporder');
    expect(group?.txNos).toEqual(expect.arrayContaining([unreached, unsent]));
    const { transactions } = shipOrder.codec.decode(group?.body.toString() ?? '', 0);
    expect(transactions.find(({ txNo }) => txNo === unsent)?.message).toEqual({ productId: 1n, payCount: 1 });
  });

  it('refuses a tx_no that is none, or stands twice, a type that is not declared, and a message that is too large', async () => {
    const publishing = (work: TransactionWork<void>) => shop.outbox.transaction(work);
    const message = { productId: 1n, payCount: 1 };
    await expect(
      publishing(async ({ publish }) => publish(shipOrder, message, { txNo: 'a b' })),
    ).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(
      publishing(async ({ publish }) => {
        publish(shipOrder, message, { txNo: 'twice' });
        publish(billOrder, message, { txNo: 'twice' });
      }),
    ).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(
      publishing(async ({ publish }) => publish({ ...shipOrder, type: 'Other' }, message, { txNo: 'x' })),
    ).rejects.toThrow('not among the messages');
    const codec = { ...shipOrder.codec, write: () => 'x'.repeat(2_000_000) };
    const huge = { ...shipOrder, type: 'Huge', codec };
    const large = await createShopOutbox(database, { messages: [takesStock, shipOrder, huge] });
    await large.outbox.onPing();
    await expect(
      large.outbox.transaction(async ({ publish }) => publish(huge, message, { txNo: 'x' })),
    ).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(
      publishing(async ({ connection }) => void (await connection.query('COMMIT'))),
    ).rejects.toThrow('ends the transaction');
  });

  it('tells its outcome to those who wait, when it is settled', async () => {
    const [id, run] = [uuidv7(), new AbortController()];
    const running = shop.outbox.run(run.signal);
    await shop.outbox.transaction(ship(id));
    const settled = shop.outbox.settled(id, run.signal);
    const outcome = { txNo: id, outcome: 'REJECTED' as const, reason: 'NO_ADDRESS' };
    await shop.outbox.participant.settle([outcome], 5, 'shipping-svc');
    expect(await settled).toEqual(outcome);
    run.abort();
    await running;
  });
});

describe('a tx_no that exists', () => {
  it('rolls the work back; the refusal says whether the content is the same', async () => {
    const id = uuidv7();
    await shop.outbox.transaction(ship(id, 2));
    const again = (payCount: number, type = shipOrder) =>
      shop.outbox.transaction(async ({ connection, publish }) => {
        await connection.query('UPDATE shipment SET n = n + 1 WHERE id = ?', [id]);
        publish(type, { productId: 1n, payCount }, { txNo: id });
      });
    const info = (reason: string) => ({ code: 'ALREADY_EXISTS', details: { info: { reason } } });
    await expect(again(2)).rejects.toMatchObject(info('TX_NO_EXISTS'));
    await expect(again(3)).rejects.toMatchObject(info('TX_NO_CONTENT_MISMATCH'));
    await expect(again(2, billOrder)).rejects.toMatchObject(info('TX_NO_CONTENT_MISMATCH'));
    const order = await shop.orders.submit({ txNo: uuidv7(), orderNo: uuidv7(), productId: 1n, payCount: 2 });
    const taken = shop.outbox.transaction(async ({ publish }) =>
      publish(shipOrder, order, { txNo: order.txNo }),
    );
    await expect(taken).rejects.toMatchObject(info('TX_NO_CONTENT_MISMATCH'));
    const [rows] = await database.run((db) => db.execute(sql`SELECT n FROM shipment WHERE id = ${id}`));
    expect(rows).toEqual([{ n: 0 }]);
    await expect
      .poll(() => shop.relay.halves.map(({ transactionId }) => shop.relay.ended.get(transactionId)))
      .toEqual(['COMMIT', 'ROLLBACK', 'ROLLBACK', 'ROLLBACK', 'COMMIT', 'ROLLBACK']);
  });

  it('is no retry when another message of the transaction was not published then', async () => {
    const id = uuidv7();
    await shop.outbox.transaction(ship(id));
    const more = shop.outbox.transaction(async ({ publish }) => {
      publish(shipOrder, { productId: 1n, payCount: 1 }, { txNo: id });
      publish(billOrder, { productId: 1n, payCount: 1 }, { txNo: `${id}:bill` });
    });
    await expect(more).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
      details: { info: { reason: 'TX_NO_CONTENT_MISMATCH' } },
    });
  });

  it('is committed by one of many who bring it at the same time', async () => {
    const id = uuidv7();
    const bring = () =>
      shop.outbox.transaction(async ({ publish }) =>
        publish(shipOrder, { productId: 1n, payCount: 1 }, { txNo: id }),
      );
    const results = await Promise.allSettled(Array.from({ length: 20 }, bring));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results)
      if (result.status === 'rejected')
        expect(result.reason).toMatchObject({ details: { info: { reason: 'TX_NO_EXISTS' } } });
    expect(await log(id)).toHaveLength(1);
  });
});

describe('a transaction that others are in the way of', () => {
  it('runs again after a deadlock, under a new id, and commits once', async () => {
    const [a, b] = [uuidv7(), uuidv7()];
    await database.run((db) => db.execute(sql`INSERT INTO shipment VALUES (${a}, 0), (${b}, 0)`));
    let runs = 0;
    let both = () => {};
    const met = new Promise<void>((resolve) => {
      both = resolve;
    });
    const cross = (first: string, second: string, txNo: string) =>
      shop.outbox.transaction(async ({ connection, publish }) => {
        runs += 1;
        await connection.query('UPDATE shipment SET n = n + 1 WHERE id = ?', [first]);
        if (runs === 2) both();
        await met;
        publish(shipOrder, { productId: 1n, payCount: 1 }, { txNo });
        // A callback that swallows the error of a deadlock must not commit what is left.
        await connection.query('UPDATE shipment SET n = n + 1 WHERE id = ?', [second]).catch(() => {});
      });
    const txNos = [uuidv7(), uuidv7()] as const;
    await Promise.all([cross(a, b, txNos[0]), cross(b, a, txNos[1])]);
    expect(runs).toBe(3);
    const [rows] = await database.run((db) =>
      db.execute(sql`SELECT n FROM shipment WHERE id IN (${a}, ${b})`),
    );
    expect(rows).toEqual([{ n: 2 }, { n: 2 }]);
    for (const txNo of txNos) expect(await log(txNo)).toHaveLength(1);
  });

  it('gives one verdict whichever of its end and a check comes first, 60 times', async () => {
    const verdicts = new Map<string, Promise<string>>();
    const soonOrLater = () => new Promise<void>((resolve) => setTimeout(resolve, Math.random() * 4));
    let count = 0;
    const fails = async () => {
      await soonOrLater();
      count += 1;
      if (count % 3 === 0) throw new Error('failed before its COMMIT');
    };
    armFailpoints([{ name: 'outbox.before-commit', act: fails }]);
    shop.relay.onPrepare = ({ transactionId }) => {
      verdicts.set(
        transactionId,
        soonOrLater().then(() => fenceTransaction(database, tables, transactionId, new Date())),
      );
    };
    const ids = Array.from({ length: 60 }, () => uuidv7());
    for (const id of ids) await shop.outbox.transaction(ship(id)).catch(() => {});
    const said = new Map<string, string>();
    for (const [id, verdict] of verdicts) said.set(id, await verdict);
    expect(new Set(said.values())).toEqual(new Set(['COMMIT', 'ROLLBACK']));
    for (const id of ids) {
      const [row] = await log(id);
      expect(await shipments([id])).toHaveLength(row ? 1 : 0);
      if (row && said.has(row.transactionId)) expect(said.get(row.transactionId)).not.toBe('ROLLBACK');
    }
    await Promise.all(ids.map((id) => expectOneVerdict(id)));
  });
});

describe('a transaction that is cut off', () => {
  it.each(['before-insert', 'before-commit'])(
    'at %s has not happened, and a retry happens',
    async (point) => {
      const id = uuidv7();
      armFailpoints([
        {
          name: `outbox.${point}`,
          act: () => {
            throw new Error('cut off');
          },
        },
      ]);
      await expect(shop.outbox.transaction(ship(id))).rejects.toThrow('cut off');
      expect(await expectOneVerdict(id)).toBe('ROLLBACK');
      armFailpoints([]);
      await shop.outbox.transaction(ship(id));
      expect(await expectOneVerdict(id)).toBe('COMMIT');
    },
  );

  it('after its COMMIT has happened: its check-back says so, and a retry is refused', async () => {
    const id = uuidv7();
    armFailpoints([
      {
        name: 'outbox.after-commit',
        act: () => {
          throw new Error('cut off');
        },
      },
    ]);
    await expect(shop.outbox.transaction(ship(id))).rejects.toThrow('cut off');
    armFailpoints([]);
    expect(await expectOneVerdict(id)).toBe('COMMIT');
    expect([...shop.relay.ended.values()]).toEqual([]);
    // The message has left or will leave, and its work is there: the caller looks, and asks no more.
    const retry = shop.outbox.transaction(async ({ publish }) =>
      publish(shipOrder, { productId: 1n, payCount: 1 }, { txNo: id }),
    );
    await expect(retry).rejects.toMatchObject({ details: { info: { reason: 'TX_NO_EXISTS' } } });
  });

  it('after its deadline is rolled back, whether it hangs in a statement or between two', async () => {
    const [between, within] = [uuidv7(), uuidv7()];
    const tooLong = { code: 'DEADLINE_EXCEEDED', details: { info: { reason: 'TRANSACTION_TOO_LONG' } } };
    let late: Promise<unknown> = Promise.resolve();
    const hanging = shop.outbox.transaction(async (tx) => {
      await ship(between)(tx);
      await new Promise<void>((resolve) => tx.signal.addEventListener('abort', () => resolve()));
      late = tx.connection.query('INSERT INTO shipment VALUES (?, 0)', [uuidv7()]);
      await late;
    });
    await expect(hanging).rejects.toMatchObject(tooLong);
    await expect(late).rejects.toThrow('has ended');
    const sleeping = shop.outbox.transaction(async (tx) => {
      await ship(within)(tx);
      await tx.connection.query('SELECT SLEEP(30)');
    });
    await expect(sleeping).rejects.toMatchObject(tooLong);
    for (const id of [between, within]) expect(await expectOneVerdict(id)).toBe('ROLLBACK');
    expect(shop.relay.halves).toEqual([]);
    // Its locks are free.
    await shop.outbox.transaction(ship(within));
  });

  it('by its caller is rolled back', async () => {
    const [id, caller] = [uuidv7(), new AbortController()];
    const cancelled = shop.outbox.transaction(
      async (tx) => {
        await ship(id)(tx);
        caller.abort();
        await new Promise<void>(() => {});
      },
      { signal: caller.signal },
    );
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await expectOneVerdict(id)).toBe('ROLLBACK');
  });

  it('with a statement that was not awaited is rolled back', async () => {
    const id = uuidv7();
    const careless = shop.outbox.transaction(async (tx) => {
      await ship(id)(tx);
      void tx.connection.query('SELECT SLEEP(0.2)').catch(() => {});
    });
    await expect(careless).rejects.toThrow('not awaited');
    expect(await expectOneVerdict(id)).toBe('ROLLBACK');
  });
});

describe.each(['INSTEAD', 'AFTER'] as const)('an error packet %s of COMMIT', (when) => {
  // An error that says that the server has rolled back is taken at its word.
  const errors = [1053, 1105, 2013, 9001, ...(when === 'INSTEAD' ? [1213] : [])];
  it.each(errors)('is resolved, or left to the check-back: %i', async (errno) => {
    const doubtful = await createShopOutbox(orderDatabase.connect({ address: proxy.address }));
    await doubtful.outbox.onPing();
    const id = uuidv7();
    const fault = proxy.fail({ statement: /^COMMIT$/, errno, when, times: 1 });
    const [result] = await Promise.allSettled([doubtful.outbox.transaction(ship(id))]);
    fault.stop();
    expect(fault.hits).toBe(1);
    const verdict = await expectOneVerdict(id, doubtful);
    if (result?.status === 'fulfilled') expect(verdict).toBe('COMMIT');
    else
      expect(result?.reason).toMatchObject({ code: expect.stringMatching(/^(UNAVAILABLE|ALREADY_EXISTS)$/) });
  });

  it('stays in doubt when nothing can be looked up: nothing is said to the broker', async () => {
    const doubtful = await createShopOutbox(orderDatabase.connect({ address: proxy.address }));
    await doubtful.outbox.onPing();
    const id = uuidv7();
    const blind = proxy.fail({
      statement: /^(?!START TRANSACTION).*`tx_group`/is,
      errno: 1105,
      when: 'INSTEAD',
    });
    const fault = proxy.fail({ statement: /^COMMIT$/, errno: 1105, when, times: 1 });
    await expect(doubtful.outbox.transaction(ship(id))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    fault.stop();
    blind.stop();
    expect([...doubtful.relay.ended.values()]).toEqual([]);
    await expectOneVerdict(id, doubtful);
  });
});

describe('on the first schema', () => {
  it('refuses transactions with a word of what is missing, and takes them as soon as the migration has run', async () => {
    const old = await createOrderDatabase(inject('databaseAddress'), 'first');
    const { outbox } = await createShopOutbox(old.connect());
    const publish = () =>
      outbox.transaction(async (tx) => tx.publish(shipOrder, { productId: 1n, payCount: 1 }, { txNo: 'x' }));
    await expect(publish()).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
    await old.addLaterColumns();
    await outbox.onPing();
    await publish();
    await old.close();
  });
});
