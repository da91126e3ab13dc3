import { changeRows, type Queryable, selectRows, timeText } from '@txmsg/mysql';
import { and, eq, getTableColumns, gt, ne, sql } from '@txmsg/mysql/drizzle';
import { failureKind } from './failure-kind.js';
import { barestForm, type NewDeadLetter, type StoredForm, wholeForm } from './letter-form.js';
import type { InboxTables } from './tables.js';

/** A dead letter as it is stored. */
export type DeadLetterRow = InboxTables['deadLetter']['$inferSelect'];

/** A dead letter without its body. */
export type DeadLetterSummary = Omit<DeadLetterRow, 'body'> & { readonly bodyBytes: number };

/** The stored dead letters. */
export interface DeadLetters {
  /**
   * Stores a dead letter, or counts one attempt more when this body is stored already. One that was replayed is PENDING
   * again; one that was dropped stays dropped. What doesn't fit is cut; what is refused all the same is stored without its
   * body and detail, so that a letter is always stored while the database takes anything.
   *
   * @param connection outside a transaction
   */
  record(connection: Queryable, letter: NewDeadLetter): Promise<void>;
  /**
   * Reads one dead letter; undefined when there is none.
   *
   * @param lock locks the row until the transaction ends
   */
  find(db: Queryable, id: bigint, lock?: boolean): Promise<DeadLetterRow | undefined>;
  /** Reads up to `limit` dead letters above `afterId`, by id; those of one status only when it is given. */
  list(
    db: Queryable,
    afterId: bigint,
    limit: number,
    status?: DeadLetterRow['status'],
  ): Promise<DeadLetterSummary[]>;
  /** Sets what became of a dead letter. One that was dropped stays dropped. */
  mark(tx: Queryable, id: bigint, status: DeadLetterRow['status']): Promise<void>;
  /** Deletes up to `limit` dead letters that were replayed or dropped more than `olderThanMs` ago; returns how many. */
  purge(db: Queryable, olderThanMs: number, limit: number): Promise<number>;
}

/** Makes the operations on the table of dead letters. */
export function createDeadLetters({ deadLetter }: Pick<InboxTables, 'deadLetter'>): DeadLetters {
  return {
    async record(connection, letter) {
      const [row] = await selectRows<{ bytes: number | string }>(
        connection,
        sql`SELECT @@max_allowed_packet AS bytes`,
      );
      try {
        await store(connection, deadLetter, wholeForm(letter, Number(row?.bytes ?? 0)));
      } catch (error) {
        if (failureKind(error) !== 'own') throw error;
        await store(connection, deadLetter, barestForm(letter));
      }
    },
    async find(db, id, lock = false) {
      const query = db.select().from(deadLetter).where(eq(deadLetter.id, id));
      const [row] = lock ? await query.for('update') : await query;
      return row;
    },
    list(db, afterId, limit, status) {
      const { body, ...columns } = getTableColumns(deadLetter);
      const bodyBytes = sql<number>`COALESCE(${columns.bodyLength}, LENGTH(${body}))`.mapWith(Number);
      return db
        .select({ ...columns, bodyBytes })
        .from(deadLetter)
        .where(and(gt(deadLetter.id, afterId), status && eq(deadLetter.status, status)))
        .orderBy(deadLetter.id)
        .limit(limit);
    },
    async mark(tx, id, status) {
      await tx
        .update(deadLetter)
        .set({ status, updateTime: sql`NOW(3)` })
        .where(and(eq(deadLetter.id, id), ne(deadLetter.status, 'DROPPED')));
    },
    purge: (db, olderThanMs, limit) =>
      changeRows(
        db,
        sql`DELETE FROM ${deadLetter}
            WHERE status IN ('REPLAYED', 'DROPPED')
              AND update_time < NOW(3) - INTERVAL ${olderThanMs * 1_000} MICROSECOND
            LIMIT ${limit}`,
      ),
  };
}

async function store(
  connection: Queryable,
  deadLetter: InboxTables['deadLetter'],
  form: StoredForm,
): Promise<void> {
  const bornTime = form.bornTimeMs > 0 ? timeText(new Date(form.bornTimeMs)) : null;
  await changeRows(
    connection,
    sql`INSERT INTO ${deadLetter}
          (body_hash, attempts, body, body_length, reason, detail, topic, message_id, participant, born_time, status,
           create_time, update_time)
        VALUES (${form.bodyHash}, 1, ${form.body}, ${form.bodyLength}, ${form.reason}, ${form.detail}, ${form.topic},
           ${form.messageId}, ${form.participant}, ${bornTime}, 'PENDING', NOW(3), NOW(3))
        ON DUPLICATE KEY UPDATE attempts = attempts + 1, reason = VALUES(reason), detail = VALUES(detail),
           message_id = VALUES(message_id), update_time = NOW(3),
           status = IF(status = 'DROPPED', 'DROPPED', 'PENDING')`,
  );
}
