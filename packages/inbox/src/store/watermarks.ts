import { changeRows, type Queryable, selectRows, timeText } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import type { InboxTables } from './tables.js';

/** What a participant reported last; times in milliseconds since the epoch. */
export interface KnownParticipant {
  readonly participant: string;
  readonly oldestUnsettledMs: number;
  /** Undefined when it never reported and is known by its messages only. */
  readonly reportMs: number | undefined;
  /** When its first message came; undefined when that wasn't noted. */
  readonly seenMs: number | undefined;
}

/** The watermarks of all participants that were ever heard of. */
export interface Watermarks {
  /** Stores a participant's report in place of its last one, which also makes it known. */
  report(db: Queryable, participant: string, oldestUnsettledMs: number): Promise<void>;
  /** Reads all watermarks, by participant. There are as many as services that publish, and 1,000 more at most. */
  list(db: Queryable): Promise<KnownParticipant[]>;
  /** Forgets a participant; false when it isn't known. */
  delete(tx: Queryable, participant: string): Promise<boolean>;
  /**
   * Makes a participant known by its first message: until it reports, and for one retention time at most, nothing that is
   * younger than the floor of this moment is forgotten. Does nothing when it is known, and then waits for nobody's lock.
   *
   * @returns false when it isn't known now, since too many are that never reported
   */
  register(db: Queryable, participant: string): Promise<boolean>;
  /** Notes the time for participants whose first message came without it being noted, as by an older version. */
  noteFirstSeen(db: Queryable): Promise<void>;
  /**
   * Forgets up to `limit` participants that never reported and that nothing waits for any more; the 500 of them that were
   * seen last are kept. One that reports meanwhile stays.
   *
   * @param retentionMs for how long a participant is waited for, in milliseconds
   * @returns how many were forgotten
   */
  purge(db: Queryable, retentionMs: number, limit: number): Promise<number>;
}

/** Names at most that are known by their messages only; a few more when several instances register at once. */
const MAX_UNREPORTED = 1_000;
/** Half of those that may be known. One that is forgotten while its messages go on would hold the floor once more. */
const KEPT = 500;

/** Makes the operations on the table of watermarks. */
export function createWatermarks({
  watermark,
  retention,
}: Pick<InboxTables, 'watermark' | 'retention'>): Watermarks {
  return {
    async report(db, participant, oldestUnsettledMs) {
      await changeRows(
        db,
        sql`INSERT INTO ${watermark} (participant, oldest_unsettled, update_time)
            VALUES (${participant}, ${timeText(new Date(oldestUnsettledMs))}, NOW(3))
            ON DUPLICATE KEY UPDATE oldest_unsettled = VALUES(oldest_unsettled), update_time = NOW(3)`,
      );
    },
    async list(db) {
      const rows = await db.select().from(watermark).orderBy(watermark.participant);
      return rows.map(({ participant, oldestUnsettled, updateTime, seenTime }) => ({
        participant,
        oldestUnsettledMs: oldestUnsettled.getTime(),
        reportMs: updateTime?.getTime(),
        seenMs: seenTime?.getTime(),
      }));
    },
    async delete(tx, participant) {
      return (await changeRows(tx, sql`DELETE FROM ${watermark} WHERE participant = ${participant}`)) === 1;
    },
    async register(db, participant) {
      const [found] = await selectRows<{ known: number; unreported: number }>(
        db,
        sql`SELECT EXISTS (SELECT 1 FROM ${watermark} WHERE participant = ${participant}) AS known,
              (SELECT COUNT(*)
               FROM (SELECT 1 FROM ${watermark} WHERE update_time IS NULL LIMIT ${MAX_UNREPORTED}) one)
                AS unreported`,
      );
      if (Number(found?.known) === 1) return true;
      if (Number(found?.unreported) >= MAX_UNREPORTED) return false;
      await changeRows(
        db,
        sql`INSERT IGNORE INTO ${watermark} (participant, oldest_unsettled, update_time, seen_time)
            SELECT ${participant}, floor, NULL, NOW(3) FROM ${retention} WHERE id = 1`,
      );
      return true;
    },
    async noteFirstSeen(db) {
      await changeRows(
        db,
        sql`UPDATE ${watermark} SET seen_time = NOW(3) WHERE update_time IS NULL AND seen_time IS NULL`,
      );
    },
    purge: (db, retentionMs, limit) => purgeUnreported(db, watermark, retentionMs, limit),
  };
}

/** Found without a lock, and deleted by their keys: reports of others wait for nothing. */
async function purgeUnreported(
  db: Queryable,
  watermark: InboxTables['watermark'],
  retentionMs: number,
  limit: number,
): Promise<number> {
  const rows = await selectRows<{ participant: string }>(
    db,
    sql`SELECT participant FROM ${watermark}
        WHERE update_time IS NULL AND seen_time <= NOW(3) - INTERVAL ${retentionMs * 1_000} MICROSECOND
        ORDER BY seen_time DESC, participant LIMIT ${limit} OFFSET ${KEPT}`,
  );
  if (rows.length === 0) return 0;
  const names = sql.join(
    rows.map(({ participant }) => sql`${participant}`),
    sql`, `,
  );
  return changeRows(
    db,
    sql`DELETE FROM ${watermark} WHERE participant IN (${names}) AND update_time IS NULL`,
  );
}
