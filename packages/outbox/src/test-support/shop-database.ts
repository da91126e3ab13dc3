import { createTestPools, type TestPools } from '@txmsg/mysql/testing';
import type {} from '@txmsg/stack/testing/shared-database';
import { createConnection } from 'mysql2/promise';
import { v7 as uuidv7 } from 'uuid';
import { inject } from 'vitest';
import { shopProbes } from './shop.js';
import { FIRST_SCHEMA, LATER_COLUMNS_SQL } from './shop-tables.js';

/** A shop's database of its own. */
export interface OrderDatabase extends TestPools {
  readonly url: string;
  /** Brings the columns of the second schema. */
  addLaterColumns(): Promise<void>;
}

/** Makes a database with a name that nobody else has, on the server of all specs or on another. */
export async function createOrderDatabase(
  server = inject('databaseAddress'),
  schema: 'first' | 'second' = 'second',
): Promise<OrderDatabase> {
  const name = `shop-${uuidv7()}`;
  const url = `mysql://txmsg:txmsg@${server}/${name}`;
  const execute = async (at: string, statements: readonly string[]) => {
    const connection = await createConnection(at);
    for (const statement of statements) await connection.query(statement);
    await connection.end();
  };
  await execute(`mysql://txmsg:txmsg@${server}`, [`CREATE DATABASE \`${name}\``]);
  await execute(url, schema === 'second' ? [...FIRST_SCHEMA, LATER_COLUMNS_SQL] : FIRST_SCHEMA);
  return {
    url,
    ...createTestPools(url, shopProbes),
    addLaterColumns: () => execute(url, [LATER_COLUMNS_SQL]),
  };
}
