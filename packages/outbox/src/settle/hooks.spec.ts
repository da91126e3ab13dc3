import { type MessageType, type TakeStock, takeStockCodec } from '@txmsg/contracts/messages';
import type { Database } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { pino } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Participant } from '../claim/participant.js';
import { MessageTypes } from '../domain/message-types.js';
import { payloadRowsSql } from '../store/insert-group.js';
import { settleOrders, tables, takesStock, txLog } from '../test-support/shop.js';
import { createOrderDatabase, type OrderDatabase } from '../test-support/shop-database.js';
import { createShopParticipant } from '../test-support/shop-participant.js';
import { type SettledHook, SettlementHooks } from './hooks.js';

const named = (type: string): MessageType<TakeStock> => ({
  ...takesStock,
  type,
  topic: `topic_${type.toLowerCase()}`,
  codec: takeStockCodec,
});
const shipOrder = named('ShipOrder');
const billOrder = named('BillOrder');

let orderDatabase: OrderDatabase;
let database: Database;
let nowMs: number;
let told: { readonly level: string; readonly code?: string; readonly msg: string }[];

beforeEach(async () => {
  orderDatabase = await createOrderDatabase();
  database = orderDatabase.connect({ lockWaitSeconds: 1, timeoutMs: 3_000 });
  await database.run((db) =>
    db.execute(sql`CREATE TABLE shipped (tx_no varchar(64) PRIMARY KEY) ENGINE=InnoDB`),
  );
  nowMs = Date.now();
  told = [];
});
afterEach(() => orderDatabase.close());

/** A participant of three types, whose hook for ShipOrder the test gives. */
function createParticipant(onShipped: SettledHook, hookDeadlineMs = 500): Participant {
  const types = new MessageTypes([takesStock, shipOrder, billOrder]);
  types.setUntyped(takesStock);
  const hooks = new SettlementHooks();
  hooks.addSql(takesStock.type, settleOrders);
  hooks.addCode(shipOrder.type, onShipped);
  const lines = { write: (line: string) => void told.push(JSON.parse(line)) };
  const logger = pino({ formatters: { level: (level) => ({ level }) } }, lines);
  const clock = { nowMs: () => nowMs, sync: async () => {} };
  return createShopParticipant(database, clock, { types, hooks, logger, hookDeadlineMs });
}

/** Writes transactions that hold their content in their rows. */
async function write(type: MessageType<TakeStock>, count: number): Promise<string[]> {
  const rows = Array.from({ length: count }, (_, index) => ({
    txNo: uuidv7(),
    type: type.type,
    payload: Buffer.from(type.codec.write({ productId: 7n, payCount: index + 1 })),
  }));
  const now = new Date(nowMs);
  const group = { transactionId: uuidv7(), createTime: now, nextRelayTime: now, relayCount: 0, rows };
  await database.run((db) => db.execute(sql.raw(payloadRowsSql(tables, group))));
  return rows.map(({ txNo }) => txNo);
}

const applied = (txNo: string) => ({ txNo, outcome: 'APPLIED' as const, reason: '' });
const log = async () =>
  new Map((await database.run((db) => db.select().from(txLog))).map((row) => [row.txNo, row]));
const shipped = async () => {
  const [rows] = await database.run((db) => db.execute(sql`SELECT tx_no FROM shipped`));
  return (rows as unknown as { tx_no: string }[]).map((row) => row.tx_no).sort();
};
const insertShipped: SettledHook = async ({ connection }, outcomes) => {
  for (const { txNo } of outcomes) await connection.query('INSERT INTO shipped VALUES (?)', [txNo]);
};

describe('a settlement hook', () => {
  it('runs in the settling transaction, once per transaction, however often outcomes come', async () => {
    const seen: string[] = [];
    const participant = createParticipant(async (tx, outcomes) => {
      seen.push(...outcomes.map(({ txNo }) => txNo));
      await insertShipped(tx, outcomes);
    });
    const [a = '', b = ''] = await write(shipOrder, 2);
    const [bill = ''] = await write(billOrder, 1);
    await participant.settle([applied(a)], 5, 'shipping-svc');
    nowMs += 1_000;
    const again = await participant.settle([a, b, bill, 'nobody'].map(applied), 5, 'shipping-svc');
    expect(again).toEqual({ settled: 2, alreadySettled: 1, unknown: 1, unsettled: [] });
    expect(seen).toEqual([a, b]);
    expect(await shipped()).toEqual([a, b].sort());
    expect((await log()).get(b)).toMatchObject({
      state: 'SETTLED',
      outcome: 'APPLIED',
      reason: null,
      consumer: 'shipping-svc',
      settleTime: new Date(nowMs),
    });
  });

  it('that publishes stages a message that is due at once, and gone when the settlement is rolled back', async () => {
    let fails = true;
    const participant = createParticipant(async ({ publish }, outcomes) => {
      for (const { txNo } of outcomes)
        publish(billOrder, { productId: 7n, payCount: 1 }, { txNo: `${txNo}:bill` });
      if (fails) throw new Error('not yet');
    });
    const [a = ''] = await write(shipOrder, 1);
    expect(await participant.settle([applied(a)], 5)).toMatchObject({ settled: 0, unsettled: [a] });
    expect([...(await log()).keys()]).toEqual([a]);
    fails = false;
    nowMs += 120_000;
    await participant.settle([applied(a)], 5);
    const { groups } = await participant.claim(10);
    expect(groups).toMatchObject([{ type: 'BillOrder', topic: 'topic_billorder', txNos: [`${a}:bill`] }]);
    expect(billOrder.codec.decode(groups[0]?.body.toString() ?? '', nowMs).transactions).toMatchObject([
      { txNo: `${a}:bill`, message: { productId: 7n, payCount: 1 } },
    ]);
  });

  it('that throws leaves its own transactions unsettled, and no other of the batch', async () => {
    const guilty = new Set<string>();
    const participant = createParticipant(async (tx, outcomes) => {
      await insertShipped(tx, outcomes);
      if (outcomes.some(({ txNo }) => guilty.has(txNo))) throw new Error('no such address');
    });
    const ships = await write(shipOrder, 40);
    const bills = await write(billOrder, 10);
    for (const txNo of [ships[3] ?? '', ships[29] ?? '']) guilty.add(txNo);
    const batch = [...ships, ...bills].map(applied);
    const result = await participant.settle(batch, 5);
    expect(result).toMatchObject({ settled: 48, alreadySettled: 0, unknown: 0 });
    expect(new Set(result.unsettled)).toEqual(guilty);
    expect(await shipped()).toEqual(ships.filter((txNo) => !guilty.has(txNo)).sort());
    expect(participant.stuck.list('', 10)).toMatchObject(
      [...guilty]
        .sort()
        .map((txNo) => ({ txNo, type: 'ShipOrder', error: 'Error: no such address', attempts: 1 })),
    );
    expect(told.filter(({ level }) => level === 'error')).toHaveLength(1);
    // While its backoff lasts nothing is tried; then it is, and settles when its hook goes well.
    const waiting = [...guilty];
    guilty.clear();
    expect((await participant.settle(waiting.map(applied), 5)).unsettled).toHaveLength(2);
    nowMs += 120_000;
    expect(await participant.settle(waiting.map(applied), 5)).toMatchObject({ settled: 2, unsettled: [] });
    expect(participant.stuck.list('', 10)).toEqual([]);
  });

  it.each([
    ['between statements', async () => new Promise<void>(() => {})],
    [
      'in a statement',
      async ({ connection }: Parameters<SettledHook>[0]) => void (await connection.query('SELECT SLEEP(20)')),
    ],
  ])('that hangs %s is given up after its deadline, and delays its own transaction only', async (_, hang) => {
    let hanging = '';
    const participant = createParticipant(async (tx, outcomes) => {
      if (outcomes.some(({ txNo }) => txNo === hanging)) await hang(tx);
      await insertShipped(tx, outcomes);
    });
    const [a = '', b = ''] = await write(shipOrder, 2);
    const bills = await write(billOrder, 3);
    hanging = a;
    const result = await participant.settle([a, b, ...bills].map(applied), 5);
    expect(result).toMatchObject({ settled: 4, unsettled: [a] });
    expect(await shipped()).toEqual([b]);
    expect(participant.stuck.list('', 1)[0]?.error).toContain('longer than 500 ms');
  });

  it('that hangs with one of many holds up a few beside it, and fewer at each call', async () => {
    let guilty = '';
    const participant = createParticipant(async (tx, outcomes) => {
      if (outcomes.some(({ txNo }) => txNo === guilty)) await new Promise<void>(() => {});
      await insertShipped(tx, outcomes);
    }, 100);
    const txNos = await write(shipOrder, 200);
    guilty = txNos[150] ?? '';
    const left: number[] = [];
    for (let unsettled: readonly string[] = txNos; unsettled.length > 1; nowMs += 2_000) {
      ({ unsettled } = await participant.settle(unsettled.map(applied), 5));
      expect(unsettled).toContain(guilty);
      left.push(unsettled.length);
    }
    expect(left[0]).toBeLessThanOrEqual(Math.ceil(200 / 16));
    expect(left.length).toBeLessThanOrEqual(3);
    expect(await shipped()).toHaveLength(199);
  });

  it('that fails with all takes no longer than a call may', async () => {
    const participant = createParticipant(async () => {
      throw new Error('out of order');
    });
    const txNos = await write(shipOrder, 300);
    const bills = await write(billOrder, 5);
    const begin = performance.now();
    const batch = [...txNos, ...bills].map(applied);
    expect(await participant.settle(batch, 5)).toMatchObject({ settled: 5 });
    nowMs += 2_000;
    expect(await participant.settle(batch, 5)).toMatchObject({ settled: 0, alreadySettled: 5 });
    expect(performance.now() - begin).toBeLessThan(8_000);
    expect(participant.stuck.size).toBe(300);
  });

  it('that goes on after its deadline changes nothing any more', async () => {
    let late: Promise<unknown> = Promise.resolve();
    let aborted = false;
    const participant = createParticipant(async ({ connection, signal }, [outcome]) => {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      aborted = true;
      late = connection.query('INSERT INTO shipped VALUES (?)', [outcome?.txNo]);
      await late;
    });
    const [a = ''] = await write(shipOrder, 1);
    expect((await participant.settle([applied(a)], 5)).unsettled).toEqual([a]);
    await expect.poll(() => aborted).toBe(true);
    await expect(late).rejects.toThrow('has ended');
    expect(await shipped()).toEqual([]);
  });

  it('whose error looks like an outage, of another service, holds up its own transactions only', async () => {
    const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', errno: 1213 });
    const participant = createParticipant(async () => {
      throw away;
    });
    const [a = ''] = await write(shipOrder, 1);
    const [bill = ''] = await write(billOrder, 1);
    expect(await participant.settle([applied(a), applied(bill)], 5)).toMatchObject({
      settled: 1,
      unsettled: [a],
    });
    expect(participant.stuck.list('', 1)[0]?.error).toContain('ECONNREFUSED');
  });

  it('that meets a deadlock is run again', async () => {
    let runs = 0;
    const participant = createParticipant(async (tx, outcomes) => {
      runs += 1;
      if (runs === 1) await tx.connection.query("SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213");
      await insertShipped(tx, outcomes);
    });
    const [a = ''] = await write(shipOrder, 1);
    expect(await participant.settle([applied(a)], 5)).toMatchObject({ settled: 1, unsettled: [] });
    expect(participant.stuck.size).toBe(0);
  });
});

describe('an outcome that contradicts the first', () => {
  it('is refused with an alarm: the first stands, whether they come one after the other or together', async () => {
    const participant = createParticipant(insertShipped);
    const [a = '', b = ''] = await write(shipOrder, 2);
    const rejected = (txNo: string) => ({ txNo, outcome: 'REJECTED' as const, reason: 'NO_ADDRESS' });
    await participant.settle([rejected(a)], 5);
    expect(await participant.settle([applied(a)], 5)).toMatchObject({ settled: 0, alreadySettled: 1 });
    expect(told).toMatchObject([{ level: 'error', code: 'CONTRADICTING_OUTCOME', txNo: a }]);
    await participant.settle([applied(b), rejected(b)], 5);
    const rows = await log();
    expect([a, b].map((txNo) => rows.get(txNo)?.outcome)).toEqual(['REJECTED', 'APPLIED']);
    expect(rows.get(a)?.reason).toBe('NO_ADDRESS');
  });
});

describe('a replica that does not know a type', () => {
  it('neither claims nor settles its transactions', async () => {
    const knowing = createParticipant(insertShipped);
    const clock = { nowMs: () => nowMs, sync: async () => {} };
    const types = new MessageTypes([takesStock, billOrder]);
    types.setUntyped(takesStock);
    const [a = ''] = await write(shipOrder, 1);
    // With one type it settles without reading; with two it locks the rows first.
    for (const options of [{}, { types }]) {
      const older = createShopParticipant(database, clock, options);
      expect((await older.claim(10)).groups).toEqual([]);
      const result = await older.settle([applied(a)], 5);
      expect(result).toEqual({ settled: 0, alreadySettled: 0, unknown: 0, unsettled: [a] });
    }
    expect((await knowing.claim(10)).groups).toMatchObject([{ txNos: [a] }]);
    expect(await knowing.settle([applied(a)], 5)).toMatchObject({ settled: 1 });
    expect(await shipped()).toEqual([a]);
  });
});
