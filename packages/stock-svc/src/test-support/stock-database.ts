import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { type Database, migrateDatabase, selectRows } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { createTestPools, makeDatabase, type TestPools } from '@txmsg/mysql/testing';
import type {} from '@txmsg/stack/testing/shared-database';
import { inject } from 'vitest';
import { addStock, findStock, type StockRow } from '../store/stock.js';

/** A migrated stock database of its own. */
export interface StockDatabase extends TestPools {
  readonly url: string;
  /** A pool on it that `close` closes. */
  readonly database: Database;
  /** Makes a product with so many pieces. */
  seed(productId: bigint, count: number): Promise<void>;
  stockOf(productId: bigint): Promise<StockRow | undefined>;
  /** Runs a SELECT that a test needs. */
  select<Row>(statement: string): Promise<readonly Row[]>;
}

/**
 * Makes a stock database with a name that nobody else has, on the run's server or on another one.
 *
 * @param charset its default character set, when it isn't made by the migrations
 */
export async function createStockDatabase(
  serverAddress = inject('databaseAddress'),
  charset?: string,
): Promise<StockDatabase> {
  const name = `stock-${randomUUID()}`;
  const url = `mysql://txmsg:txmsg@${serverAddress}/${name}`;
  if (charset !== undefined) await makeDatabase(serverAddress, name, charset);
  await migrateDatabase(url, fileURLToPath(new URL('../../drizzle', import.meta.url)));
  const pools = createTestPools(url);
  const database = pools.connect();
  return {
    ...pools,
    url,
    database,
    async seed(productId, count) {
      await database.transact((tx) =>
        addStock(tx, { requestId: randomUUID(), productId, count: BigInt(count) }),
      );
    },
    stockOf: (productId) => database.run((connection) => findStock(connection, productId)),
    select: (statement) => database.run((connection) => selectRows(connection, sql.raw(statement))),
  };
}
