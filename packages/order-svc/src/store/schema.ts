import { asciiKey, utcTime } from '@txmsg/mysql';
import { bigint, index, int, mysqlEnum, mysqlTable, uniqueIndex, varchar } from '@txmsg/mysql/drizzle';

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

/** The outbox: one row for each order, written with it, due at `next_relay_time` until it is settled. */
export const txLog = mysqlTable(
  'tx_log',
  {
    txNo: asciiKey('tx_no').primaryKey(),
    createTime: utcTime('create_time').notNull(),
    transactionId: asciiKey('transaction_id').notNull(),
    state: mysqlEnum('state', ['PENDING', 'SETTLED']).notNull(),
    /** When it is published again; that of a settled row is its create time, by which it is purged. */
    nextRelayTime: utcTime('next_relay_time').notNull(),
    /** Publications so far, the half message included. */
    relayCount: int('relay_count').notNull(),
  },
  (table) => [
    // The only one: each costs every order. Claims read its beginning, the purge that of SETTLED, the watermark all PENDING.
    index('tx_log_due').on(table.state, table.nextRelayTime, table.createTime),
  ],
);

/** One row for each attempt at a group: its presence and state are the verdict of the check-back. */
export const txGroup = mysqlTable(
  'tx_group',
  {
    transactionId: asciiKey('transaction_id').primaryKey(),
    /** LIVE: written by the local transaction. FENCED: written by a check, so that the transaction can't commit. */
    state: mysqlEnum('state', ['LIVE', 'FENCED']).notNull(),
    createTime: utcTime('create_time').notNull(),
  },
  (table) => [index('tx_group_age').on(table.createTime)],
);
