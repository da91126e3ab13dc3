import { asciiKey, utcTime } from '@txmsg/mysql';
import { bigint, index, int, mysqlEnum, mysqlTable, uniqueIndex, varchar } from '@txmsg/mysql/drizzle';
import { outboxTables } from '@txmsg/outbox';

/** The outbox's tables, under the names that this service has always given them. */
export const outbox = outboxTables({ outbox: 'tx_log', attempts: 'tx_group' });

/** The outbox: one row per order, until it is settled and old enough. */
export const txLog = outbox.log;

/** One row per attempt at a group. */
export const txGroup = outbox.marker;

/** Orders as their callers see them; never purged. */
export const orders = mysqlTable(
  'orders',
  {
    id: bigint('id', { mode: 'bigint' }).autoincrement().primaryKey(),
    createTime: utcTime('create_time').notNull(),
    orderNo: asciiKey('order_no').notNull(),
    productId: bigint('product_id', { mode: 'bigint' }).notNull(),
    payCount: int('pay_count').notNull(),
    txNo: asciiKey('tx_no').notNull(),
    status: mysqlEnum('status', ['PENDING', 'CONFIRMED', 'REJECTED']).notNull(),
    statusReason: varchar('status_reason', { length: 255 }).notNull(),
    updateTime: utcTime('update_time').notNull(),
  },
  (table) => [
    uniqueIndex('orders_tx_no').on(table.txNo),
    uniqueIndex('orders_order_no').on(table.orderNo),
    // The audit reads a range of time.
    index('orders_create_time').on(table.createTime),
  ],
);
