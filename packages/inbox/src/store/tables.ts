import type { DecodedTransaction } from '@txmsg/contracts/messages';
import { asciiKey, mediumBlob, textLiteral, unicodeText, utcTime } from '@txmsg/mysql';
import {
  bigint,
  char,
  customType,
  index,
  int,
  mysqlEnum,
  mysqlTable,
  tinyint,
  uniqueIndex,
  varchar,
} from '@txmsg/mysql/drizzle';
import type { ContentOf } from '../domain/transaction.js';

/** A text of printable ASCII. */
const asciiText = customType<{ data: string; driverData: string }>({
  dataType: () => 'varchar(255) CHARACTER SET ascii COLLATE ascii_bin',
});

/** Where the content of a transaction stands in its record. */
export interface ContentColumns {
  readonly names: readonly string[];
  /**
   * The values of these columns as SQL literals, separated by commas. On the path of every transaction.
   *
   * @param of the transaction; its message is missing when a person gave it up unread
   */
  literals(of: Partial<Pick<DecodedTransaction<unknown>, 'type' | 'message'>>, contentOf: ContentOf): string;
  /** The content in a row as the driver gives it, equal to what `content` of the message type tells. */
  read(row: Readonly<Record<string, unknown>>): string;
}

/** The content as one text, for messages of any type. */
export const textContent: ContentColumns = {
  names: ['content'],
  literals: ({ type = '', message }, contentOf) =>
    textLiteral(message === undefined ? '' : contentOf({ type, message })),
  read: ({ content }) => String(content),
};

/** Where the records lie. */
export interface RecordTable {
  readonly name: string;
  readonly content: ContentColumns;
}

/** The tables of an inbox. */
export type InboxTables = ReturnType<typeof createInboxTables>;

/**
 * Describes the tables of an inbox.
 *
 * @param records the table of what was decided; `txmsg_inbox` with one text of content by default
 * @param prefix begins the names of the other tables; `txmsg_` by default
 */
export function createInboxTables(
  records: RecordTable = { name: 'txmsg_inbox', content: textContent },
  prefix = 'txmsg_',
) {
  return {
    records,
    deadLetter: deadLetterTable(prefix),
    adminAction: adminActionTable(prefix),
    retention: retentionTable(prefix),
    watermark: watermarkTable(prefix),
    lease: leaseTable(prefix),
  };
}

/** The rows that a migration must insert: the floor where it begins, and the lease that nobody holds. */
export function inboxRows(prefix = 'txmsg_'): readonly string[] {
  return [
    `INSERT INTO ${prefix}retention (id, floor) VALUES (1, '1970-01-01 00:00:00.000')`,
    `INSERT INTO ${prefix}lease (name, owner, until_time) VALUES ('retention', '', '1970-01-01 00:00:00.000')`,
  ];
}

/** Columns that every table of records has. */
export function recordColumns() {
  return {
    txNo: asciiKey('tx_no').primaryKey(),
    /** The create time that the message carries, by the clock of the participant's database. */
    createTime: utcTime('create_time').notNull(),
    outcome: mysqlEnum('outcome', ['APPLIED', 'REJECTED']).notNull(),
    /** Why it was rejected; empty when it was applied. */
    reason: varchar('reason', { length: 64 }).notNull(),
    /** Who published it; null when its message named no one, and on rows from before this column. */
    participant: asciiKey('participant'),
  };
}

/** Names of the columns that came later. */
export const LATER_COLUMNS: readonly string[] = [
  'type',
  'environment',
  'trace_context',
  'order_key',
  'applied_time',
];

/** Columns that came later, in this order, at the end of the row: null on rows from before. */
export function laterRecordColumns() {
  return {
    type: asciiKey('type'),
    environment: asciiKey('environment'),
    traceContext: asciiText('trace_context'),
    orderKey: unicodeText('order_key', 255),
    /** When it was decided, by this database's clock. */
    appliedTime: utcTime('applied_time'),
  };
}

/** The later columns as `table.column`: a server check lets the schema of before pass without them. */
export function optionalColumns({ records }: Pick<InboxTables, 'records'>): string[] {
  return LATER_COLUMNS.map((column) => `${records.name}.${column}`);
}

/** The general table of records, for services whose messages are of any type. */
export const txmsgInbox = mysqlTable(
  'txmsg_inbox',
  { ...recordColumns(), content: unicodeText('content', 255).notNull(), ...laterRecordColumns() },
  (table) => [index('txmsg_inbox_create_time').on(table.createTime)],
);

/** Messages that could not be handled, one row for each body. */
function deadLetterTable(prefix: string) {
  const name = `${prefix}dead_letter`;
  return mysqlTable(
    name,
    {
      id: bigint('id', { mode: 'bigint' }).autoincrement().primaryKey(),
      /** SHA-256 of the whole body in hex. */
      bodyHash: char('body_hash', { length: 64 }).notNull(),
      attempts: int('attempts').notNull(),
      body: mediumBlob('body').notNull(),
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
      uniqueIndex(`${name}_body_hash`).on(table.bodyHash),
      index(`${name}_status`).on(table.status, table.updateTime),
    ],
  );
}

/** Who did what through the internal API; never purged. */
function adminActionTable(prefix: string) {
  return mysqlTable(`${prefix}admin_action`, {
    id: bigint('id', { mode: 'bigint' }).autoincrement().primaryKey(),
    actor: unicodeText('actor', 64).notNull(),
    action: unicodeText('action', 64).notNull(),
    target: unicodeText('target', 64).notNull(),
    detail: unicodeText('detail', 1024).notNull(),
    createTime: utcTime('create_time').notNull(),
  });
}

/** One row (id 1): transactions created before `floor` may have been forgotten and are not applied any more. */
function retentionTable(prefix: string) {
  return mysqlTable(`${prefix}retention`, {
    id: tinyint('id').primaryKey(),
    floor: utcTime('floor').notNull(),
  });
}

/** The oldest unsettled create time of each participant that was ever heard of. */
function watermarkTable(prefix: string) {
  return mysqlTable(`${prefix}watermark`, {
    participant: asciiKey('participant').primaryKey(),
    oldestUnsettled: utcTime('oldest_unsettled').notNull(),
    /** When it last reported; null when it is known by its messages only. */
    updateTime: utcTime('update_time'),
    /** When its first message came; null when it was heard of by a report, or before this column. */
    seenTime: utcTime('seen_time'),
  });
}

/** Work that one instance does at a time: whoever holds the row until `until_time`. */
function leaseTable(prefix: string) {
  return mysqlTable(`${prefix}lease`, {
    name: asciiKey('name').primaryKey(),
    owner: asciiKey('owner').notNull(),
    untilTime: utcTime('until_time').notNull(),
  });
}
