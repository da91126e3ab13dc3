import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createDatabase, type Database, migrateDatabase, selectRows } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import type {} from '@txmsg/stack/testing/shared-database';
import { inject } from 'vitest';
import { addStock, findStock, type StockRow } from '../store/stock.js';

/** A migrated stock database of its own. */
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
  /** Makes a product with so many pieces. */
  seed(productId: bigint, count: number): Promise<void>;
  stockOf(productId: bigint): Promise<StockRow | undefined>;
  /** Runs a SELECT that a test needs. */
  select<Row>(statement: string): Promise<readonly Row[]>;
  close(): Promise<void>;
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
  return {
    url,
    database,
    connect,
    async seed(productId, count) {
      await database.transact((tx) =>
        addStock(tx, { requestId: randomUUID(), productId, count: BigInt(count) }),
      );
    },
    stockOf: (productId) => database.run((connection) => findStock(connection, productId)),
    select: (statement) => database.run((connection) => selectRows(connection, sql.raw(statement))),
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
