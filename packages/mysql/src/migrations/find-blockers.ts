import type { Connection, RowDataPacket } from 'mysql2/promise';
import { mysqlErrorNumber } from '../errors.js';

/** A session that may block a change of a table. */
export interface Blocker {
  readonly connectionId: number;
  readonly user: string;
  /** host:port of the session's client. */
  readonly host: string;
  /** What is known of the session: `holds a lock of the table`, `has an open transaction` or `uses the database`. */
  readonly does: string;
  /** For how long, in seconds. */
  readonly seconds: number;
}

const LIMIT = 5;
const WHO = 'p.id AS connectionId, p.user, p.host';
const OTHERS = `p.id <> CONNECTION_ID() ORDER BY (p.db <=> DATABASE()) DESC, seconds DESC LIMIT ${LIMIT}`;
/** The server tells the begin of a transaction in the time zone of its machine. */
const TRANSACTION_SECONDS =
  "TIMESTAMPDIFF(SECOND, x.trx_started, CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', 'SYSTEM'))";

/** Where to look, the most certain source first. Most servers have only the last two. */
const SOURCES: readonly (readonly [does: string, query: string])[] = [
  // A plugin of MariaDB.
  [
    'holds a lock of the table',
    `SELECT ${WHO}, p.time AS seconds FROM information_schema.metadata_lock_info l
     JOIN information_schema.processlist p ON p.id = l.thread_id
     WHERE l.table_schema = DATABASE() AND l.table_name = ? AND ${OTHERS}`,
  ],
  [
    'holds a lock of the table',
    `SELECT ${WHO}, p.time AS seconds FROM performance_schema.metadata_locks l
     JOIN performance_schema.threads t ON t.thread_id = l.owner_thread_id
     JOIN information_schema.processlist p ON p.id = t.processlist_id
     WHERE l.lock_status = 'GRANTED' AND l.object_schema = DATABASE() AND l.object_name = ? AND ${OTHERS}`,
  ],
  [
    'has an open transaction',
    `SELECT ${WHO}, ${TRANSACTION_SECONDS} AS seconds FROM information_schema.innodb_trx x
     JOIN information_schema.processlist p ON p.id = x.trx_mysql_thread_id WHERE ${OTHERS}`,
  ],
  [
    'uses the database',
    `SELECT ${WHO}, p.time AS seconds FROM information_schema.processlist p
     WHERE p.db = DATABASE() AND ${OTHERS}`,
  ],
];

/**
 * The sessions that most likely block a change of `table`, at most five. None when this account may not see other
 * sessions (privilege PROCESS).
 */
export async function findBlockers(connection: Connection, table: string): Promise<readonly Blocker[]> {
  for (const [does, query] of SOURCES) {
    const found = await tryQuery(connection, query, table);
    if (found.length > 0) return found.map((row) => ({ ...row, seconds: Number(row.seconds), does }));
  }
  return [];
}

/** One line for people. */
export function blockerText({ connectionId, user, host, does, seconds }: Blocker): string {
  return `connection ${connectionId} (${user}@${host}) ${does} for ${seconds} s`;
}

async function tryQuery(
  connection: Connection,
  query: string,
  table: string,
): Promise<readonly Omit<Blocker, 'does'>[]> {
  try {
    const [rows] = await connection.query<(RowDataPacket & Blocker)[]>(query, [table]);
    return rows.map(({ connectionId, user, host, seconds }) => ({ connectionId, user, host, seconds }));
  } catch (error) {
    // This server lacks the table, or this account may not read it; the next source may work.
    if (mysqlErrorNumber(error) === undefined) throw error;
    return [];
  }
}
