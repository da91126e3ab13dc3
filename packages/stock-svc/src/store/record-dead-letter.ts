import type { Queryable } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { barestForm, type NewDeadLetter, type StoredForm, wholeForm } from '../dead-letters/letter-form.js';
import { failureKind } from './failure-kind.js';
import { timeLiteral } from './formatted.js';
import { changeRows, selectRows } from './rows.js';

/**
 * Stores a dead letter, or counts one attempt more when this body is stored already. One that was replayed is PENDING
 * again; one that was dropped stays dropped. What doesn't fit is cut; what is refused all the same is stored without its
 * body and detail, so that a letter is always stored while the database takes anything.
 *
 * @param connection outside a transaction
 */
export async function recordDeadLetter(connection: Queryable, letter: NewDeadLetter): Promise<void> {
  const [row] = await selectRows<{ bytes: number | string }>(
    connection,
    sql`SELECT @@max_allowed_packet AS bytes`,
  );
  try {
    await store(connection, wholeForm(letter, Number(row?.bytes ?? 0)));
  } catch (error) {
    if (failureKind(error) !== 'own') throw error;
    await store(connection, barestForm(letter));
  }
}

async function store(connection: Queryable, form: StoredForm): Promise<void> {
  const bornTime = form.bornTimeMs > 0 ? timeLiteral(form.bornTimeMs) : null;
  await changeRows(
    connection,
    sql`INSERT INTO dead_letter
          (body_hash, attempts, body, body_length, reason, detail, topic, message_id, participant, born_time, status,
           create_time, update_time)
        VALUES (${form.bodyHash}, 1, ${form.body}, ${form.bodyLength}, ${form.reason}, ${form.detail}, ${form.topic},
           ${form.messageId}, ${form.participant}, ${bornTime}, 'PENDING', NOW(3), NOW(3))
        ON DUPLICATE KEY UPDATE attempts = attempts + 1, reason = VALUES(reason), detail = VALUES(detail),
           message_id = VALUES(message_id), update_time = NOW(3),
           status = IF(status = 'DROPPED', 'DROPPED', 'PENDING')`,
  );
}
