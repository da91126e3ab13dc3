import type { Pool, RowDataPacket } from 'mysql2/promise';
import type { SampledTransaction } from './sample-verdicts.js';

/** The unsettled orders of the order side. */
export interface Unsettled {
  readonly count: number;
  /** Create time of the oldest, in milliseconds since the epoch. Undefined when nothing waits. */
  readonly oldestMs: number | undefined;
}

const TIMEOUT_MS = 2_000;

/** Counts the accepted and unsettled orders. */
export async function readUnsettled(orderDb: Pool): Promise<Unsettled> {
  const [rows] = await orderDb.query<RowDataPacket[]>({
    sql: `SELECT COUNT(*) AS pending, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', MIN(create_time)) / 1000 AS oldest_ms
          FROM tx_log WHERE state = 'PENDING'`,
    timeout: TIMEOUT_MS,
  });
  const { pending, oldest_ms } = rows[0] as { pending: number; oldest_ms: string | null };
  return { count: Number(pending), oldestMs: oldest_ms === null ? undefined : Number(oldest_ms) };
}

/**
 * The newest group markers. READ UNCOMMITTED also shows those of transactions in progress, which may still roll back.
 */
export async function readNewestGroups(orderDb: Pool, limit: number): Promise<SampledTransaction[]> {
  const connection = await orderDb.getConnection();
  try {
    await connection.query('SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED');
    const [rows] = await connection.query<RowDataPacket[]>({
      sql: `SELECT transaction_id, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', create_time) DIV 1000 AS stamp_ms
            FROM tx_group ORDER BY create_time DESC LIMIT ?`,
      values: [limit],
      timeout: TIMEOUT_MS,
    });
    return rows.map((row) => ({ transactionId: String(row.transaction_id), stampMs: Number(row.stamp_ms) }));
  } finally {
    connection.release();
  }
}
