import type { Pool, PoolConnection, RowDataPacket } from 'mysql2/promise';
import type { InboxRow, OrderDump, StockDump } from './database-dump.js';

/** Reads the order database at one moment. */
export function dumpOrders(orderDb: Pool): Promise<OrderDump> {
  return inSnapshot(orderDb, readOrders);
}

/** Reads the stock database at one moment. */
export function dumpStock(stockDb: Pool): Promise<StockDump> {
  return inSnapshot(stockDb, readStock);
}

/** A snapshot, because the services still write when a run has not settled. */
async function inSnapshot<T>(pool: Pool, read: (connection: PoolConnection) => Promise<T>): Promise<T> {
  const connection = await pool.getConnection();
  try {
    await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    await connection.query('START TRANSACTION WITH CONSISTENT SNAPSHOT');
    return await read(connection);
  } finally {
    connection.destroy();
  }
}

async function readOrders(orderDb: PoolConnection): Promise<OrderDump> {
  return {
    orders: await select(
      orderDb,
      `SELECT tx_no AS txNo, order_no AS orderNo, product_id AS productId, pay_count AS payCount, status,
       status_reason AS statusReason FROM orders`,
    ),
    outbox: await select(
      orderDb,
      'SELECT tx_no AS txNo, transaction_id AS transactionId, state, relay_count AS relayCount FROM tx_log',
    ),
    groups: await select(orderDb, 'SELECT transaction_id AS transactionId, state FROM tx_group'),
  };
}

async function readStock(stockDb: PoolConnection): Promise<StockDump> {
  const inbox = await select<InboxRow>(
    stockDb,
    `SELECT tx_no AS txNo, CAST(product_id AS CHAR) AS productText, pay_count AS payCount, outcome, reason
     FROM tx_log`,
  );
  return {
    stock: await select(
      stockDb,
      `SELECT product_id AS productId, total_count AS totalCount, added_total AS addedTotal,
       taken_total AS takenTotal FROM stock`,
    ),
    changes: await select(
      stockDb,
      'SELECT request_id AS requestId, product_id AS productId, delta FROM stock_change',
    ),
    inbox: inbox.map((row) => ({ ...row, productId: exactNumber(row.productText) })),
    deadLetters: await select(
      stockDb,
      'SELECT body_hash AS bodyHash, reason, detail, attempts FROM dead_letter',
    ),
  };
}

function exactNumber(digits: string): number {
  return Number.isSafeInteger(Number(digits)) ? Number(digits) : Number.NaN;
}

/** The columns have the names and types of the row. Products with stock have numbers that JavaScript holds exactly. */
async function select<T>(connection: PoolConnection, sql: string): Promise<T[]> {
  const [rows] = await connection.query<RowDataPacket[]>(sql);
  return rows.map(
    (row) => ({ ...row, ...('productId' in row ? { productId: Number(row.productId) } : {}) }) as T,
  );
}
