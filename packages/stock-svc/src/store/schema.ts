import type { TakeStock } from '@txmsg/contracts/messages';
import { createInboxTables, laterRecordColumns, recordColumns } from '@txmsg/inbox';
import { asciiKey, utcTime } from '@txmsg/mysql';
import { bigint, check, index, int, mysqlTable, sql, uniqueIndex } from '@txmsg/mysql/drizzle';

/** One row per product. Always: total_count = added_total - taken_total, and total_count >= 0. */
export const stock = mysqlTable(
  'stock',
  {
    id: bigint('id', { mode: 'bigint' }).autoincrement().primaryKey(),
    productId: bigint('product_id', { mode: 'bigint' }).notNull(),
    totalCount: bigint('total_count', { mode: 'bigint' }).notNull(),
    addedTotal: bigint('added_total', { mode: 'bigint' }).notNull(),
    takenTotal: bigint('taken_total', { mode: 'bigint' }).notNull(),
  },
  (table) => [
    uniqueIndex('stock_product_id').on(table.productId),
    // The last line of defence: the code refuses before.
    check('stock_never_negative', sql`\`total_count\` >= 0`),
  ],
);

/** Additions of stock by their idempotency key; never purged. */
export const stockChange = mysqlTable('stock_change', {
  requestId: asciiKey('request_id').primaryKey(),
  productId: bigint('product_id', { mode: 'bigint' }).notNull(),
  delta: bigint('delta', { mode: 'bigint' }).notNull(),
  createTime: utcTime('create_time').notNull(),
});

/** The inbox's records: the decision on each transaction, written with its effect. Purged below the floor. */
export const txLog = mysqlTable(
  'tx_log',
  {
    ...recordColumns(),
    productId: bigint('product_id', { mode: 'bigint' }).notNull(),
    payCount: int('pay_count').notNull(),
    ...laterRecordColumns(),
  },
  (table) => [index('tx_log_create_time').on(table.createTime)],
);

/** Of a transaction that a person gave up unread. */
const NOTHING: TakeStock = { productId: 0n, payCount: 0 };

/** The inbox's tables: product and pieces stand in columns of their own, by which the audit sums them up. */
export const inboxTables = createInboxTables(
  {
    name: 'tx_log',
    content: {
      names: ['product_id', 'pay_count'],
      literals({ message }) {
        const { productId, payCount } = (message ?? NOTHING) as TakeStock;
        return `${productId}, ${payCount}`;
      },
      read: (row) => `${row.product_id}x${row.pay_count}`,
    },
  },
  '',
);

// What the migrations are made from, beside the tables above.
export const { adminAction, deadLetter, lease, retention, watermark } = inboxTables;

/** All tables, for the check of a server. */
export const tables = [stock, stockChange, txLog, adminAction, deadLetter, lease, retention, watermark];

/**
 * Statements that change no row, and fail or wait where an update of these two tables would, which every order changes: on a
 * server that was demoted, or is locked for a backup or by a change of one of them.
 */
export const writeProbes: readonly string[] = [
  "UPDATE tx_log SET reason = reason WHERE tx_no = ''",
  'UPDATE stock SET total_count = total_count WHERE id = 0',
];
