import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { DeadLetterStatus } from '@txmsg/contracts/consumer';
import type { DeadLetterRow, DeadLetterSummary } from '../store/dead-letters.js';

/** A dead letter as the API shows it; without its body when it was read without. */
export function toDeadLetter(letter: DeadLetterRow | DeadLetterSummary) {
  const { id, attempts, reason, detail, topic, messageId, participant } = letter;
  return {
    deadLetterId: id,
    ...('body' in letter
      ? { body: letter.body, bodyBytes: letter.bodyLength ?? letter.body.length }
      : { bodyBytes: letter.bodyBytes }),
    attempts,
    reason,
    detail,
    topic,
    messageId,
    participant,
    bodyCut: letter.bodyLength !== null,
    status: DeadLetterStatus[letter.status],
    ...(letter.bornTime ? { bornTime: timestampFromDate(letter.bornTime) } : {}),
    createTime: timestampFromDate(letter.createTime),
    updateTime: timestampFromDate(letter.updateTime),
  };
}

/** The stored status to list by; undefined for all. */
export function fromDeadLetterStatus(status: DeadLetterStatus): DeadLetterRow['status'] | undefined {
  switch (status) {
    case DeadLetterStatus.PENDING:
      return 'PENDING';
    case DeadLetterStatus.REPLAYED:
      return 'REPLAYED';
    case DeadLetterStatus.DROPPED:
      return 'DROPPED';
    default:
      return undefined;
  }
}
