import { createServerCheck } from '@txmsg/mysql';
import type { MySqlTable } from '@txmsg/mysql/drizzle';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parcelStatements } from '../test-support/parcels.js';
import { createStockDatabase, type StockDatabase } from '../test-support/shelf-database.js';
import { createInboxTables, optionalColumns, txmsgInbox } from './tables.js';

let database: StockDatabase;

beforeAll(async () => {
  database = await createStockDatabase(undefined, undefined, parcelStatements);
});
afterAll(() => database.close());

it('of a general inbox are as they are described, and may lack the later columns', async () => {
  const { records, ...side } = createInboxTables();
  const tables: MySqlTable[] = [txmsgInbox, ...Object.values(side)];
  expect(tables).toHaveLength(6);
  await createServerCheck(database.database, tables, () => undefined).run();
  await database.select('ALTER TABLE txmsg_inbox DROP COLUMN type, DROP COLUMN applied_time');
  await expect(createServerCheck(database.database, tables, () => undefined).run()).rejects.toThrow(
    'txmsg_inbox.type',
  );
  const optional = optionalColumns({ records });
  await createServerCheck(database.database, tables, () => undefined, optional).run();
});
