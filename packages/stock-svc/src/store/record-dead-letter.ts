import { createHash } from 'node:crypto';
import type { Queryable } from '@txmsg/mysql';
import { sql } from '@txmsg/mysql/drizzle';
import { timeLiteral } from './formatted.js';
import { changeRows } from './rows.js';

/** A message that could not be handled, as it is stored. */
export interface NewDeadLetter {
  readonly body: Buffer;
  /** Upper-case code. */
  readonly reason: string;
  /** For people; cut at 1,024 characters. */
  readonly detail: string;
  readonly topic: string;
  readonly messageId: string;
  /** Blank when the message named none. */
  readonly participant: string;
  /** Milliseconds since the epoch; 0 when it isn't known. */
  readonly bornTimeMs: number;
}

const MAX_DETAIL = 1_024;

/**
 * Stores a dead letter, or counts one attempt more when this body is stored already. One that was replayed is PENDING
 * again; one that was dropped stays dropped.
 */
export async function recordDeadLetter(tx: Queryable, letter: NewDeadLetter): Promise<void> {
  const hash = createHash('sha256').update(letter.body).digest('hex');
  const bornTime = letter.bornTimeMs > 0 ? timeLiteral(letter.bornTimeMs) : null;
  await changeRows(
    tx,
    sql`INSERT INTO dead_letter
          (body_hash, attempts, body, reason, detail, topic, message_id, participant, born_time, status, create_time,
           update_time)
        VALUES (${hash}, 1, ${letter.body}, ${letter.reason}, ${letter.detail.slice(0, MAX_DETAIL)}, ${letter.topic},
           ${letter.messageId}, ${letter.participant}, ${bornTime}, 'PENDING', NOW(3), NOW(3))
        ON DUPLICATE KEY UPDATE attempts = attempts + 1, reason = VALUES(reason), detail = VALUES(detail),
           message_id = VALUES(message_id), update_time = NOW(3),
           status = IF(status = 'DROPPED', 'DROPPED', 'PENDING')`,
  );
}
