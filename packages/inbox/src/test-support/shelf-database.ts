import { randomUUID } from 'node:crypto';
import { type Database, selectRows } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { createTestPools, makeDatabase, type TestPools } from '@txmsg/mysql/testing';
import type {} from '@txmsg/stack/testing/shared-database';
import { inject } from 'vitest';
import { shelfStatements } from './shelf-statements.js';

/** The pieces of a product of the test service. */
export interface ShelfRow {
  readonly totalCount: bigint;
  readonly addedTotal: bigint;
  readonly takenTotal: bigint;
}

/** A database of the test service, of its own. */
export interface StockDatabase extends TestPools {
  readonly url: string;
  /** A pool on it that `close` closes. */
  readonly database: Database;
  /** Makes a product with so many pieces, or adds them. */
  seed(productId: bigint, count: number): Promise<void>;
  stockOf(productId: bigint): Promise<ShelfRow | undefined>;
  /** Runs a statement that a test needs. */
  select<Row>(statement: string): Promise<readonly Row[]>;
}

/**
 * Makes a database with a name that nobody else has, on the run's server or on another one.
 *
 * @param charset its default character set
 * @param statements make its tables
 */
export async function createStockDatabase(
  serverAddress = inject('databaseAddress'),
  charset = 'utf8mb4',
  statements = shelfStatements,
): Promise<StockDatabase> {
  const name = `inbox-${randomUUID()}`;
  const url = `mysql://txmsg:txmsg@${serverAddress}/${name}`;
  await makeDatabase(serverAddress, name, charset);
  const pools = createTestPools(url);
  const database = pools.connect();
  const select = <Row>(statement: string) =>
    database.run((connection) => selectRows<Row>(connection, sql.raw(statement)));
  for (const statement of statements) await select(statement);
  return {
    ...pools,
    url,
    database,
    select,
    async seed(productId, count) {
      await select(
        `INSERT INTO stock (product_id, total_count, added_total, taken_total) VALUES (${productId}, ${count}, ${count}, 0)
         ON DUPLICATE KEY UPDATE total_count = total_count + ${count}, added_total = added_total + ${count}`,
      );
    },
    async stockOf(productId) {
      const [row] = await select<Record<'total_count' | 'added_total' | 'taken_total', number | string>>(
        `SELECT total_count, added_total, taken_total FROM stock WHERE product_id = ${productId}`,
      );
      return (
        row && {
          totalCount: BigInt(row.total_count),
          addedTotal: BigInt(row.added_total),
          takenTotal: BigInt(row.taken_total),
        }
      );
    },
  };
}
