import { CommitInDoubtError, type Database } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { takesStock, txLog } from '../test-support/shop.js';
import { createOrderDatabase, type OrderDatabase } from '../test-support/shop-database.js';
import { createShopOutbox, type ShopOutbox, shipOrder } from '../test-support/shop-outbox.js';

let orderDatabase: OrderDatabase;
let database: Database;
let shop: ShopOutbox;

beforeAll(async () => {
  orderDatabase = await createOrderDatabase();
  database = orderDatabase.connect({ lockWaitSeconds: 1, timeoutMs: 3_000 });
  await database.run((db) =>
    db.execute(sql`CREATE TABLE shipment (id varchar(64) PRIMARY KEY, n INT NOT NULL) ENGINE=InnoDB`),
  );
});
beforeEach(async () => {
  shop = await createShopOutbox(database);
  await shop.outbox.onPing();
});
afterAll(() => orderDatabase.close());

const message = { productId: 1n, payCount: 1 };
const isLogged = async (txNo: string) =>
  (await database.run((db) => db.select({ key: txLog.txNo }).from(txLog))).some(({ key }) => key === txNo);

describe('a callback', () => {
  it.each([
    ['an outage', Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })],
    ['a COMMIT in doubt', new CommitInDoubtError(new Error('of another database'))],
  ])(
    'that meets %s elsewhere gets its own error, once, and the database is not suspected',
    async (_, error) => {
      let runs = 0;
      const failed = shop.outbox.transaction(async () => {
        runs += 1;
        throw error;
      });
      await expect(failed).rejects.toBe(error);
      expect(runs).toBe(1);
      expect(shop.outages).toEqual([]);
    },
  );

  it('that makes another error of a deadlock is run again', async () => {
    const [a, b] = [uuidv7(), uuidv7()];
    await database.run((db) => db.execute(sql`INSERT INTO shipment VALUES (${a}, 0), (${b}, 0)`));
    let runs = 0;
    let both = () => {};
    const met = new Promise<void>((resolve) => {
      both = resolve;
    });
    const cross = (first: string, second: string) =>
      shop.outbox.transaction(async ({ connection }) => {
        runs += 1;
        await connection.query('UPDATE shipment SET n = n + 1 WHERE id = ?', [first]);
        if (runs === 2) both();
        await met;
        await connection.query('UPDATE shipment SET n = n + 1 WHERE id = ?', [second]).catch(() => {
          throw new Error('the shipment could not be saved');
        });
      });
    await Promise.all([cross(a, b), cross(b, a)]);
    expect(runs).toBe(3);
  });

  it('does not begin when its caller has gone already', async () => {
    let runs = 0;
    const work = async () => {
      runs += 1;
    };
    await expect(shop.outbox.transaction(work, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect(runs).toBe(0);
  });

  it('that publishes after its end is refused: nobody would send it', async () => {
    let late: (() => void) | undefined;
    await shop.outbox.transaction(async ({ publish }) => {
      late = () => publish(shipOrder, message, { txNo: uuidv7() });
      late();
    });
    expect(() => late?.()).toThrow('has ended');
  });

  it('that publishes more than a packet holds is refused, and the database is not suspected', async () => {
    const codec = { ...shipOrder.codec, write: () => 'x'.repeat(1_000_000), read: () => message };
    const large = { ...shipOrder, type: 'Large', codec };
    const big = await createShopOutbox(database, { messages: [takesStock, large] });
    await big.outbox.onPing();
    const publishing = (count: number) =>
      big.outbox.transaction(async ({ publish }) => {
        for (let index = 0; index < count; index += 1) publish(large, message, { txNo: uuidv7() });
      });
    await publishing(4);
    await expect(publishing(20)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(big.outages).toEqual([]);
  });

  it.each(["EXECUTE IMMEDIATE CONCAT('COM', 'MIT')"])(
    'that ends its transaction gets no further: %s',
    async (text) => {
      const id = uuidv7();
      const ending = shop.outbox.transaction(async ({ connection, publish }) => {
        await connection.query('INSERT INTO shipment VALUES (?, 0)', [id]);
        publish(shipOrder, message, { txNo: id });
        await connection.query(text).catch(() => {});
      });
      await expect(ending).rejects.toThrow('ends the transaction');
      expect(await isLogged(id)).toBe(false);
    },
  );
});

it('an order whose tx_no a message has is refused as one that exists', async () => {
  const id = uuidv7();
  await shop.outbox.transaction(async ({ publish }) => publish(shipOrder, message, { txNo: id }));
  const order = { txNo: id, orderNo: uuidv7(), ...message };
  await expect(shop.orders.submit(order)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
});
