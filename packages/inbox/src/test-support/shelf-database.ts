import { randomUUID } from 'node:crypto';
import { createDatabase, type Database, selectRows } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
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
export interface StockDatabase {
  readonly url: string;
  /** A pool on it that `close` closes. */
  readonly database: Database;
  /** Another pool on it, closed by `close`, too. */
  connect(options?: {
    address?: string;
    timeoutMs?: number;
    connections?: number;
    lockWaitSeconds?: number;
  }): Database;
  /** Makes a product with so many pieces, or adds them. */
  seed(productId: bigint, count: number): Promise<void>;
  stockOf(productId: bigint): Promise<ShelfRow | undefined>;
  /** Runs a statement that a test needs. */
  select<Row>(statement: string): Promise<readonly Row[]>;
  close(): Promise<void>;
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
  const pools: Database[] = [];
  const connect: StockDatabase['connect'] = ({
    address,
    timeoutMs = 5_000,
    connections = 10,
    lockWaitSeconds = 3,
  } = {}) => {
    const target = new URL(url);
    if (address) target.host = address;
    const pool = createDatabase({ url: target.href, timeoutMs, connections, lockWaitSeconds });
    pools.push(pool);
    return pool;
  };
  const database = connect();
  const select = <Row>(statement: string) =>
    database.run((connection) => selectRows<Row>(connection, sql.raw(statement)));
  for (const statement of statements) await select(statement);
  return {
    url,
    database,
    connect,
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
    async close() {
      await Promise.all(pools.map((pool) => pool.close()));
    },
  };
}

async function makeDatabase(serverAddress: string, name: string, charset: string): Promise<void> {
  const server = createDatabase({ url: `mysql://txmsg:txmsg@${serverAddress}`, connections: 2 });
  try {
    const statement = `CREATE DATABASE \`${name}\` CHARACTER SET ${charset}`;
    await server.run((connection) => connection.execute(sql.raw(statement)));
  } finally {
    await server.close();
  }
}
