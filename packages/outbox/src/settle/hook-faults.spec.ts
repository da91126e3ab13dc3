import { type MessageType, type TakeStock, takeStockCodec } from '@txmsg/contracts/messages';
import type { Database } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
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
/** Its messages have a million bytes each. */
const billOrder = {
  ...named('BillOrder'),
  codec: { ...takeStockCodec, write: () => `"${'x'.repeat(1_000_000)}"` },
};
const message = { productId: 7n, payCount: 1 };

let orderDatabase: OrderDatabase;
let database: Database;
let nowMs: number;

beforeEach(async () => {
  orderDatabase = await createOrderDatabase();
  database = orderDatabase.connect({ lockWaitSeconds: 1, timeoutMs: 3_000 });
  nowMs = Date.now();
});
afterEach(() => orderDatabase.close());

/** A participant of three types, whose hook for ShipOrder the test gives. */
function createParticipant(onShipped: SettledHook, columns = { present: true }): Participant {
  const types = new MessageTypes([takesStock, shipOrder, billOrder]);
  types.setUntyped(takesStock);
  const hooks = new SettlementHooks();
  hooks.addSql(takesStock.type, settleOrders);
  hooks.addCode(shipOrder.type, onShipped);
  const clock = { nowMs: () => nowMs, sync: async () => {} };
  return createShopParticipant(database, clock, { types, hooks, columns });
}

/** Writes transactions that hold their content in their rows. */
async function write(type: MessageType<TakeStock>, count: number): Promise<string[]> {
  const payload = Buffer.from(takeStockCodec.write(message));
  const rows = Array.from({ length: count }, () => ({ txNo: uuidv7(), type: type.type, payload }));
  const now = new Date(nowMs);
  const group = { transactionId: uuidv7(), createTime: now, nextRelayTime: now, relayCount: 0, rows };
  await database.run((db) => db.execute(sql.raw(payloadRowsSql(tables, group))));
  return rows.map(({ txNo }) => txNo);
}

const applied = (txNo: string) => ({ txNo, outcome: 'APPLIED' as const, reason: '' });
const createTimeOf = async (txNo: string) => {
  const rows = await database.run((db) => db.select({ key: txLog.txNo, time: txLog.createTime }).from(txLog));
  return rows.find(({ key }) => key === txNo)?.time;
};

describe('a settlement hook delays its own transaction only', () => {
  it('when it publishes a tx_no that exists', async () => {
    const [guilty = '', other = ''] = await write(shipOrder, 2);
    const [bill = ''] = await write(billOrder, 1);
    const participant = createParticipant(async ({ publish }, outcomes) => {
      if (outcomes.some(({ txNo }) => txNo === guilty)) publish(shipOrder, message, { txNo: bill });
    });
    const result = await participant.settle([guilty, other, bill].map(applied), 5);
    expect(result).toMatchObject({ settled: 2, unsettled: [guilty] });
    expect(participant.stuck.list('', 10)).toMatchObject([{ txNo: guilty, type: 'ShipOrder' }]);
  });

  it('when something that it calls is away: that is no outage of the database', async () => {
    const [guilty = '', other = ''] = await write(shipOrder, 2);
    const participant = createParticipant(async (_tx, outcomes) => {
      if (outcomes.some(({ txNo }) => txNo === guilty))
        throw Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:443'), { code: 'ECONNREFUSED' });
    });
    const result = await participant.settle([guilty, other].map(applied), 5);
    expect(result).toMatchObject({ settled: 1, unsettled: [guilty] });
    expect(participant.stuck.list('', 1)[0]?.error).toBe('Error: connect ECONNREFUSED 10.0.0.1:443');
  });
});

it('a settlement hook is not left out by a replica that has not seen the columns yet', async () => {
  const [a = ''] = await write(shipOrder, 1);
  let runs = 0;
  const columns = { present: false };
  const participant = createParticipant(async () => {
    runs += 1;
  }, columns);
  await expect(participant.settle([applied(a)], 5)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await expect(participant.claim(10)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  columns.present = true;
  expect((await participant.claim(10)).groups).toMatchObject([{ type: 'ShipOrder', txNos: [a] }]);
  expect(await participant.settle([applied(a)], 5)).toMatchObject({ settled: 1 });
  expect(runs).toBe(1);
});

it('a settlement hook writes a reason that its table can not hold in other letters', async () => {
  const [a = ''] = await write(shipOrder, 1);
  await database.run((db) => db.execute(sql`CREATE TABLE told (reason varchar(255) CHARACTER SET latin1)`));
  const participant = createParticipant(async ({ connection }, outcomes) => {
    for (const { reason } of outcomes) await connection.query('INSERT INTO told VALUES (?)', [reason]);
  });
  const result = await participant.settle([{ txNo: a, outcome: 'REJECTED', reason: '地址' }], 5);
  expect(result).toMatchObject({ settled: 1, unsettled: [] });
});

it('what is stuck here and settled by another replica is stuck no more', async () => {
  const ships = await write(shipOrder, 3);
  const failing = createParticipant(async () => {
    throw new Error('no such address');
  });
  await failing.settle(ships.map(applied), 5);
  expect(await failing.listStuck('', 2)).toHaveLength(2);
  const other = createParticipant(async () => {});
  await other.settle(ships.slice(0, 2).map(applied), 5);
  expect(await failing.listStuck('', 2)).toMatchObject([{ txNo: ships[2] }]);
  expect(failing.stuck.size).toBe(1);
});

describe('what a settlement hook publishes', () => {
  it('is stamped when it is written: a settlement that waited must not bring it in below the watermark', async () => {
    const [a = ''] = await write(shipOrder, 1);
    const participant = createParticipant(async ({ publish }) => {
      nowMs += 40_000;
      publish(shipOrder, message, { txNo: `${a}:next` });
    });
    await participant.settle([applied(a)], 5);
    expect(await createTimeOf(`${a}:next`)).toEqual(new Date(nowMs));
  });

  it('fits a packet: a batch that publishes more is settled in parts', async () => {
    const ships = await write(shipOrder, 12);
    const participant = createParticipant(async ({ publish }, outcomes) => {
      for (const { txNo } of outcomes) publish(billOrder, message, { txNo: `${txNo}:bill` });
    });
    expect(await participant.settle(ships.map(applied), 5)).toMatchObject({ settled: 12, unsettled: [] });
  });

  it('is refused once the hook has returned: nobody would send it', async () => {
    const [a = ''] = await write(shipOrder, 1);
    let late: (() => void) | undefined;
    const participant = createParticipant(async ({ publish }) => {
      late = () => publish(shipOrder, message, { txNo: `${a}:late` });
    });
    await participant.settle([applied(a)], 5);
    expect(() => late?.()).toThrow('has ended');
  });
});
