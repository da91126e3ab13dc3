import type { System } from '@txmsg/testbed';
import type { Pool, RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditOf } from './test-support/audit.js';
import { settled, submit, submitMany, taken } from './test-support/flow.js';
import { startMixed } from './test-support/releases.js';

let system: System;
let total = 0;

beforeAll(async () => {
  // Of order-svc and stock-svc one replica each was not updated yet.
  system = await startMixed({
    orders: ['this', 'previous'],
    relays: ['this'],
    stocks: ['this', 'previous'],
    schema: 'previous',
  });
  await system.addStock(1n, 1_000_000n);
});
afterAll(() => system?.stop());

/** Rows of the message log in which a column has another value than its default; undefined while there is no such column. */
async function rowsWith(database: Pool, column: string): Promise<number | undefined> {
  const [columns] = await database.query<RowDataPacket[]>('SHOW COLUMNS FROM tx_log LIKE ?', [column]);
  if (columns.length === 0) return undefined;
  const [[row]] = await database.query<(RowDataPacket & { n: number })[]>(
    'SELECT COUNT(NULLIF(??, DEFAULT(??))) AS n FROM tx_log',
    [column, column],
  );
  return Number(row?.n);
}

async function expectEachOnce(txNos: readonly string[]): Promise<void> {
  total += txNos.length;
  expect(await settled(system, txNos)).toEqual({ CONFIRMED: txNos.length, REJECTED: 0 });
  expect(await taken(system, 1n)).toMatchObject({ taken: total, logged: total });
}

describe('services of this release on the schema of the previous one', () => {
  it('settle orders, without the help of the previous replicas', async () => {
    expect(await rowsWith(system.orderDb, 'settle_time')).toBeUndefined();
    expect(await rowsWith(system.stockDb, 'applied_time')).toBeUndefined();
    const previous = [system.orders[1], system.stocks[1]];
    await Promise.all(previous.map((service) => service?.stop()));
    await expectEachOnce(await submitMany(system, 100));
    // What no half message was sent for is claimed and published again.
    await system.relays[0]?.stop();
    const unsent = await submitMany(system, 50);
    await system.relays[0]?.start();
    await expectEachOnce(unsent);
    await Promise.all(previous.map((service) => service?.start()));
  });

  it('go on while the schema is migrated beside them, and no call fails', async () => {
    const txNos: string[] = [];
    const load = new AbortController();
    const caller = async (replica: number) => {
      while (!load.signal.aborted) txNos.push(await submit(system, {}, replica));
    };
    const callers = [0, 1, 0, 1].map(caller);
    await expect.poll(() => txNos.length).toBeGreaterThan(100);
    await Promise.all(['order-svc', 'stock-svc'].map((service) => system.migrate(service)));
    const reached = txNos.length;
    await expect.poll(() => txNos.length).toBeGreaterThan(reached + 100);
    load.abort();
    await Promise.all(callers);
    await expectEachOnce(txNos);
  });

  it('use the new columns soon, without a restart', async () => {
    const orders = async () => {
      await expectEachOnce([await submit(system)]);
      return [await rowsWith(system.orderDb, 'settle_time'), await rowsWith(system.stockDb, 'applied_time')];
    };
    await expect
      .poll(async () => (await orders()).every((rows) => rows !== undefined && rows > 0))
      .toBe(true);
  });

  it('go on when the migration runs again', async () => {
    await Promise.all(['order-svc', 'stock-svc'].map((service) => system.migrate(service)));
    await expectEachOnce(await submitMany(system, 50));
    const { differences, summary } = await auditOf(system);
    expect(differences).toEqual([]);
    expect(summary).toMatchObject({ transactions: BigInt(total), pending: 0n });
  });

  it('have logged no error', () => {
    const services = [...system.orders, ...system.relays, ...system.stocks];
    const errors = services.flatMap((service) =>
      service
        .log()
        .split('\n')
        .filter((line) => line.includes('"level":"error"')),
    );
    expect(errors).toEqual([]);
  });
});
