import type { Database } from './database.js';
import { sql } from './drizzle.js';

/**
 * The database's UTC clock, without a round trip per reading: an offset to this process's monotonic clock, measured now
 * and then. Its error is at most the round trip of the measurement.
 */
export interface DatabaseClock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /** Measures the offset again. Fails when the database is unreachable; the last offset stays. */
  sync(): Promise<void>;
}

/** Creates a clock. It uses this machine's clock until the first `sync`. */
export function createDatabaseClock(database: Database): DatabaseClock {
  let offsetMs = Date.now() - performance.now();
  return {
    nowMs: () => Math.round(performance.now() + offsetMs),
    async sync() {
      await database.run(async (connection) => {
        const before = performance.now();
        const [rows] = await connection.execute(
          sql`SELECT CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED) AS ms`,
        );
        const after = performance.now();
        const [row] = rows as unknown as readonly { ms: number | string }[];
        offsetMs = Number(row?.ms) - (before + after) / 2;
      });
    },
  };
}
