import { afterEach, beforeEach, expect, it } from 'vitest';
import { createStockDatabase, type StockDatabase } from '../test-support/shelf-database.js';
import { store } from '../test-support/test-handler.js';
import { createKnownParticipants } from './known-participants.js';

let stock: StockDatabase;

beforeEach(async () => {
  stock = await createStockDatabase();
});
afterEach(() => stock.close());

it('registers 1,000 names that never reported, tells of others, and knows them when they report', async () => {
  const rows = Array.from({ length: 999 }, (_, index) => `('made-up-${index}', '1970-01-01', NULL, NOW(3))`);
  await stock.select(
    `INSERT INTO watermark (participant, oldest_unsettled, update_time, seen_time) VALUES ${rows}`,
  );
  await stock.database.run((connection) => store.watermarks.report(connection, 'reports', 0));
  const told: object[] = [];
  const see = (...names: string[]) =>
    createKnownParticipants(stock.database, store.watermarks, (fields) => void told.push(fields)).see(names);
  await see('last', 'beyond', 'reports', 'last');
  expect(told).toEqual([{ alarm: 'UNKNOWN_PARTICIPANT', participants: ['beyond'] }]);
  expect(
    await stock.select(
      "SELECT participant FROM watermark WHERE participant NOT LIKE 'made-up-%' ORDER BY participant",
    ),
  ).toEqual([{ participant: 'last' }, { participant: 'reports' }]);
  await stock.database.run((connection) => store.watermarks.report(connection, 'beyond', 0));
  await see('beyond');
  expect(told).toHaveLength(1);
});
