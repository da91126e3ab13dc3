import { asciiKey, utcTime } from '@txmsg/mysql';
import {
  bigint,
  char,
  check,
  customType,
  index,
  int,
  mysqlEnum,
  mysqlTable,
  sql,
  tinyint,
  uniqueIndex,
  varchar,
} from '@txmsg/mysql/drizzle';

/** Up to 16 MiB of bytes; message bodies stay below 4 MiB. */
const bytes = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'mediumblob' });

/** Text of any language, whatever the database's default character set is. */
const unicodeText = (name: string, length: number) =>
  customType<{ data: string; driverData: string }>({
    dataType: () => `varchar(${length}) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
  })(name);

/** One row a product. Always: total_count = added_total - taken_total, and total_count >= 0. */
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

/** The inbox: the verdict on each transaction that came by message, written with its effect. Purged below the floor. */
export const txLog = mysqlTable(
  'tx_log',
  {
    txNo: asciiKey('tx_no').primaryKey(),
    /** The create time that the message carries, by the clock of the participant's database. */
    createTime: utcTime('create_time').notNull(),
    productId: bigint('product_id', { mode: 'bigint' }).notNull(),
    payCount: int('pay_count').notNull(),
    outcome: mysqlEnum('outcome', ['APPLIED', 'REJECTED']).notNull(),
    /** Why it was rejected; empty when it was applied. */
    reason: varchar('reason', { length: 64 }).notNull(),
    /** Who published it; null when its message named no one, and on rows from before this column. */
    participant: asciiKey('participant'),
  },
  (table) => [index('tx_log_create_time').on(table.createTime)],
);

/** Messages that could not be handled, one row for each body. */
export const deadLetter = mysqlTable(
  'dead_letter',
  {
    id: bigint('id', { mode: 'bigint' }).autoincrement().primaryKey(),
    /** SHA-256 of the whole body in hex. */
    bodyHash: char('body_hash', { length: 64 }).notNull(),
    attempts: int('attempts').notNull(),
    body: bytes('body').notNull(),
    /** Bytes of the whole body when only its beginning is stored; null when all of it is. */
    bodyLength: bigint('body_length', { mode: 'number' }),
    reason: unicodeText('reason', 64).notNull(),
    detail: unicodeText('detail', 1024).notNull(),
    topic: unicodeText('topic', 255).notNull(),
    messageId: unicodeText('message_id', 255).notNull(),
    /** Blank when the message named none. */
    participant: asciiKey('participant').notNull(),
    bornTime: utcTime('born_time'),
    status: mysqlEnum('status', ['PENDING', 'REPLAYED', 'DROPPED']).notNull(),
    createTime: utcTime('create_time').notNull(),
    updateTime: utcTime('update_time').notNull(),
  },
  (table) => [
    uniqueIndex('dead_letter_body_hash').on(table.bodyHash),
    index('dead_letter_status').on(table.status, table.updateTime),
  ],
);

/** Who did what through the internal API; never purged. */
export const adminAction = mysqlTable('admin_action', {
  id: bigint('id', { mode: 'bigint' }).autoincrement().primaryKey(),
  actor: unicodeText('actor', 64).notNull(),
  action: unicodeText('action', 64).notNull(),
  target: unicodeText('target', 64).notNull(),
  detail: unicodeText('detail', 1024).notNull(),
  createTime: utcTime('create_time').notNull(),
});

/** One row (id 1): transactions created before `floor` may have been forgotten and are not applied any more. */
export const retention = mysqlTable('retention', {
  id: tinyint('id').primaryKey(),
  floor: utcTime('floor').notNull(),
});

/** The oldest unsettled create time of each participant that was ever heard of. */
export const watermark = mysqlTable('watermark', {
  participant: asciiKey('participant').primaryKey(),
  oldestUnsettled: utcTime('oldest_unsettled').notNull(),
  /** When it last reported; null when it is known by its messages only. */
  updateTime: utcTime('update_time'),
  /** When its first message came; null when it was heard of by a report, or before this column. */
  seenTime: utcTime('seen_time'),
});

/** Work that one instance does at a time: whoever holds the row until `until_time`. */
export const lease = mysqlTable('lease', {
  name: asciiKey('name').primaryKey(),
  owner: asciiKey('owner').notNull(),
  untilTime: utcTime('until_time').notNull(),
});
