import { asciiKey, utcTime } from '@txmsg/mysql';
import { customType, index, int, mysqlEnum, mysqlTable } from '@txmsg/mysql/drizzle';

/** The names of the outbox's two tables. */
export interface OutboxTableNames {
  /** One row per transaction. Default `txmsg_outbox`. */
  readonly outbox?: string;
  /** One row per attempt at a local transaction. Default `txmsg_outbox_attempt`. */
  readonly attempts?: string;
}

const name64 = customType<{ data: string; driverData: string }>({
  dataType: () => 'varchar(64) CHARACTER SET ascii COLLATE ascii_bin',
});
const name255 = customType<{ data: string; driverData: string }>({
  dataType: () => 'varchar(255) CHARACTER SET ascii COLLATE ascii_bin',
});
const reasonText = customType<{ data: string; driverData: string }>({
  dataType: () => 'varchar(255) CHARACTER SET utf8mb4',
});
const binaryText = customType<{ data: string; driverData: string }>({
  dataType: () => 'varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
});
const bytes = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'mediumblob' });

/** The columns that every installation has. */
export const baseColumns = () => ({
  txNo: asciiKey('tx_no').primaryKey(),
  createTime: utcTime('create_time').notNull(),
  transactionId: asciiKey('transaction_id').notNull(),
  state: mysqlEnum('state', ['PENDING', 'SETTLED']).notNull(),
  /** When it is published again. That of a settled row is its create time, by which it is purged. */
  nextRelayTime: utcTime('next_relay_time').notNull(),
  /** Publications so far, the half message included. */
  relayCount: int('relay_count').notNull(),
});

/**
 * The columns of the second schema: nullable or with a default, so that replicas of the version before go on beside. The code
 * also runs without them. `outcome` and `settle_time` have their full size from the insert on: a settlement that changes no
 * row's size costs the database a fifth less.
 */
const laterColumns = () => ({
  /** NULL: of the type that has a group definition, as all rows from before the column are. */
  type: name64('type'),
  /** The message's content as its codec writes it; NULL where the service's own rows hold it. */
  payload: bytes('payload'),
  /** Who decided the outcome; NULL also where applying is the rule and rows are settled in large groups. */
  consumer: name64('consumer'),
  /** UNKNOWN: not settled, or by a replica of the version before. */
  outcome: mysqlEnum('outcome', ['UNKNOWN', 'APPLIED', 'REJECTED']).notNull().default('UNKNOWN'),
  /** Why it was rejected. */
  reason: reasonText('reason'),
  environment: name64('environment'),
  traceContext: name255('trace_context'),
  orderKey: binaryText('order_key'),
  notBefore: utcTime('not_before'),
  expires: utcTime('expires'),
  /** When it was last published. */
  publishTime: utcTime('publish_time'),
  /** 1970: not settled, or by a replica of the version before. */
  settleTime: utcTime('settle_time').notNull().default(new Date(0)),
});

/** The columns without which a row can have no type. */
export const LATER_COLUMNS = [
  'type',
  'payload',
  'consumer',
  'outcome',
  'reason',
  'environment',
  'trace_context',
  'order_key',
  'not_before',
  'expires',
  'publish_time',
  'settle_time',
] as const;

/** The outbox: one row per transaction, written with it, due at `next_relay_time` until it is settled. */
function logTable(name: string) {
  return mysqlTable(name, { ...baseColumns(), ...laterColumns() }, (table) => [
    // The only one, since each costs every transaction. Claims scan the due end of the PENDING rows; the purge scans the SETTLED
    // rows from the oldest; the watermark reads all PENDING rows.
    index(`${name}_due`).on(table.state, table.nextRelayTime, table.createTime),
  ]);
}

/** One row per attempt at a local transaction: its presence and state are the verdict of the check-back. */
function markerTable(name: string) {
  return mysqlTable(
    name,
    {
      transactionId: asciiKey('transaction_id').primaryKey(),
      /** LIVE: written by the local transaction. FENCED: written by a check, so that the local transaction can't commit. */
      state: mysqlEnum('state', ['LIVE', 'FENCED']).notNull(),
      createTime: utcTime('create_time').notNull(),
    },
    (table) => [index(`${name}_age`).on(table.createTime)],
  );
}

/** The outbox's tables: their names, for statements as text, and as drizzle knows them. */
export interface OutboxTables {
  readonly logName: string;
  readonly markerName: string;
  readonly log: ReturnType<typeof logTable>;
  readonly marker: ReturnType<typeof markerTable>;
  /** The columns that an earlier schema lacks, as `table.column`: for `createServerCheck`. */
  readonly optionalColumns: readonly string[];
}

const NAME = /^[a-z_][a-z0-9_]{0,60}$/;

/**
 * Describes the outbox's tables. A service lists `log` and `marker` in its drizzle schema, so that drizzle-kit writes their
 * migration.
 *
 * @throws Error for a name that SQL would have to quote
 */
export function outboxTables({
  outbox = 'txmsg_outbox',
  attempts = 'txmsg_outbox_attempt',
}: OutboxTableNames = {}): OutboxTables {
  for (const name of [outbox, attempts])
    if (!NAME.test(name)) throw new Error(`not a plain name of a table: ${name}`);
  return {
    logName: outbox,
    markerName: attempts,
    log: logTable(outbox),
    marker: markerTable(attempts),
    optionalColumns: LATER_COLUMNS.map((column) => `${outbox}.${column}`),
  };
}
