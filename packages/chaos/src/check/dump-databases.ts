import type { Pool, RowDataPacket } from 'mysql2/promise';
import type { OrderDump, StockDump } from './database-dump.js';

/** Reads the order database as it is; nothing may be writing to it any more. */
export async function dumpOrders(orderDb: Pool): Promise<OrderDump> {
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

/** Reads the stock database as it is; nothing may be writing to it any more. */
export async function dumpStock(stockDb: Pool): Promise<StockDump> {
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
    inbox: await select(
      stockDb,
      'SELECT tx_no AS txNo, product_id AS productId, pay_count AS payCount, outcome, reason FROM tx_log',
    ),
    deadLetters: await select(stockDb, 'SELECT reason, detail, attempts FROM dead_letter'),
  };
}

/** The columns are named and typed as the row says; the numbers of a chaos run are small enough for JavaScript's. */
async function select<T>(pool: Pool, sql: string): Promise<T[]> {
  const [rows] = await pool.query<RowDataPacket[]>(sql);
  return rows.map((row) => ({ ...row }) as T);
}
