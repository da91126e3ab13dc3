import { sql } from '@txmsg/mysql/drizzle';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { shopProbes } from '../test-support/shop.js';
import { createOrderDatabase, type OrderDatabase } from '../test-support/shop-database.js';

const { probes, writeProbe } = shopProbes;

let orderDatabase: OrderDatabase;

beforeAll(async () => {
  orderDatabase = await createOrderDatabase();
});
afterAll(() => orderDatabase.close());

it.each(probes)('reads one key and changes nothing: %s', async (probe) => {
  const database = orderDatabase.connect();
  const [plan] = await database.run((db) => db.execute(sql.raw(`EXPLAIN ${probe}`)));
  expect(plan).toMatchObject([{ key: 'PRIMARY', type: expect.stringMatching(/^(range|const)$/) }]);
  const [result] = await database.run((db) => db.execute(sql.raw(probe)));
  expect(result).toMatchObject({ affectedRows: 0 });
});

it('writes what a group writes, and leaves nothing', async () => {
  const database = orderDatabase.connect();
  const affected: number[] = [];
  await database.transact(async (tx) => {
    for (const statement of writeProbe()) {
      const [result] = await tx.execute(sql.raw(statement));
      affected.push((result as unknown as { affectedRows: number }).affectedRows);
    }
  });
  expect(affected).toEqual([1, 1, 1, 1, 1, 1]);
});
