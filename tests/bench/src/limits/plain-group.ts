import type { Connection } from 'mysql2/promise';
import { v7 as uuidv7 } from 'uuid';

/**
 * Writes one group of orders as the order service does: the same rows in the same tables in one transaction, and
 * nothing around it. It shows the best that plain mysql2 and the database can do.
 */
export async function writePlainGroup(connection: Connection, size: number): Promise<void> {
  const now = new Date();
  const transactionId = uuidv7();
  const due = new Date(now.getTime() + 10_000);
  const logRows: unknown[][] = [];
  const orderRows: unknown[][] = [];
  for (let index = 0; index < size; index += 1) {
    const txNo = uuidv7();
    logRows.push([txNo, now, transactionId, 'PENDING', due, 1]);
    orderRows.push([now, uuidv7(), 1, 1, txNo, 'PENDING', '', now]);
  }
  await connection.query('START TRANSACTION');
  await connection.query('INSERT INTO tx_group (transaction_id, state, create_time) VALUES (?)', [
    [transactionId, 'LIVE', now],
  ]);
  await connection.query(
    'INSERT INTO tx_log (tx_no, create_time, transaction_id, state, next_relay_time, relay_count) VALUES ?',
    [logRows],
  );
  await connection.query(
    'INSERT INTO orders (create_time, order_no, product_id, pay_count, tx_no, status, status_reason, update_time) VALUES ?',
    [orderRows],
  );
  await connection.query('COMMIT');
}
