import type { Database } from '@txmsg/mysql';
import { createColumnWatch } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { pino } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { Participant } from '../claim/participant.js';
import { findOrdersByTxNo, groupSql, txLog } from '../test-support/shop.js';
import { createOrderDatabase, type OrderDatabase } from '../test-support/shop-database.js';
import { createShopParticipant } from '../test-support/shop-participant.js';
import { LATER_COLUMNS } from './tables.js';

let orderDatabase: OrderDatabase;
let database: Database;
let nowMs = Date.now();

beforeAll(async () => {
  orderDatabase = await createOrderDatabase(inject('databaseAddress'), 'first');
  database = orderDatabase.connect();
});
afterAll(() => orderDatabase.close());

async function write(count: number): Promise<string[]> {
  const orders = Array.from({ length: count }, () => ({
    txNo: uuidv7(),
    orderNo: uuidv7(),
    productId: 1n,
    payCount: 1,
  }));
  const now = new Date(nowMs);
  const group = { transactionId: uuidv7(), createTime: now, nextRelayTime: now, relayCount: 1, orders };
  await database.transactAfter(
    async () => groupSql(group),
    async () => {},
  );
  return orders.map(({ txNo }) => txNo);
}

const rejected = (txNo: string) => ({ txNo, outcome: 'REJECTED' as const, reason: 'INSUFFICIENT_STOCK' });
const applied = (txNo: string) => ({ txNo, outcome: 'APPLIED' as const, reason: '' });

/** All that a participant does, on whatever schema there is. */
async function goesItsWay(participant: Participant): Promise<readonly [string, string, string]> {
  const [a = '', b = '', c = ''] = await write(3);
  nowMs += 20_000;
  const claimed = (await participant.claim(100)).groups.flatMap(({ txNos }) => txNos);
  expect(claimed.sort()).toEqual([a, b, c].sort());
  await participant.release([a]);
  const result = await participant.settle(
    [applied(a), rejected(b), { ...rejected(c), reason: 'X' }],
    5,
    'stock-svc',
  );
  expect(result).toMatchObject({ settled: 3, unsettled: [] });
  expect(await participant.settle([applied(b), applied('nobody')], 5)).toMatchObject({
    alreadySettled: 1,
    unknown: 1,
  });
  const statuses = (await database.run((db) => findOrdersByTxNo(db, [a, b, c]))).map(
    ({ txNo, status, statusReason }) => [txNo, status, statusReason],
  );
  expect(statuses.sort()).toEqual([
    [a, 'CONFIRMED', ''],
    [b, 'REJECTED', 'INSUFFICIENT_STOCK'],
    [c, 'REJECTED', 'X'],
  ]);
  return [a, b, c];
}

it('works on the first schema, goes on while columns are added, and keeps outcomes from then on', async () => {
  const columns = createColumnWatch(database, 'tx_log', LATER_COLUMNS);
  const clock = { nowMs: () => nowMs, sync: async () => {} };
  const participant = createShopParticipant(database, clock, { columns });
  await columns.look();
  expect(columns.present).toBe(false);
  const [before] = await goesItsWay(participant);
  await orderDatabase.addLaterColumns();
  // A replica that has not looked yet writes as before.
  await goesItsWay(participant);
  await columns.look();
  expect(columns.present).toBe(true);
  const [a, b, c] = await goesItsWay(participant);
  const rows = new Map((await database.run((db) => db.select().from(txLog))).map((row) => [row.txNo, row]));
  expect(rows.get(before)).toMatchObject({ state: 'SETTLED', outcome: 'UNKNOWN', settleTime: new Date(0) });
  const kept = {
    consumer: 'stock-svc',
    settleTime: new Date(nowMs),
    publishTime: new Date(nowMs),
    type: null,
  };
  expect(rows.get(a)).toMatchObject({ ...kept, outcome: 'APPLIED', reason: null });
  expect(rows.get(b)).toMatchObject({ ...kept, outcome: 'REJECTED', reason: 'INSUFFICIENT_STOCK' });
  expect(rows.get(c)).toMatchObject({ ...kept, outcome: 'REJECTED', reason: 'X' });
});

it('lets a replica of the version before go on beside: it names its columns', async () => {
  const [a = ''] = await write(1);
  await database.run((db) =>
    db.execute(
      sql.raw(
        `update tx_log force index (primary) set state = 'SETTLED', next_relay_time = create_time where tx_no in ('${a}') and state = 'PENDING'`,
      ),
    ),
  );
  const told: string[] = [];
  const logger = pino({}, { write: (line: string) => void told.push(line) });
  const clock = { nowMs: () => nowMs, sync: async () => {} };
  const participant = createShopParticipant(database, clock, { logger });
  // Its outcome is not on record, so that nothing can contradict it.
  expect(await participant.settle([rejected(a)], 5)).toMatchObject({ settled: 0, alreadySettled: 1 });
  expect(told).toEqual([]);
});
