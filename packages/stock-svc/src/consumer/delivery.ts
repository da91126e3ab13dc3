import type { ReceivedMessage, UnreadableBody } from '@txmsg/rocketmq';
import { isPlausibleTime } from '../domain/transaction-rules.js';

/** The property of a message that names the service whose transactions it carries. */
export const PARTICIPANT_PROPERTY = 'participant';

const PARTICIPANT = /^[A-Za-z0-9_.-]{1,64}$/;
const TOLD_LENGTH = 64;

/** One delivery of a message, as far as handling it needs to know. */
export interface Delivery {
  readonly topic: string;
  readonly messageId: string;
  readonly body: Buffer;
  /** Why the body could not be opened; then it is as it came. */
  readonly unreadable?: UnreadableBody;
  /** Blank when the message names none: a foreign producer, to which no outcome is reported. */
  readonly participant: string;
  /** What the message names instead of a participant, when that can't be one; cut. */
  readonly badParticipant?: string;
  /** When the message was born, in milliseconds since the epoch; 0 when the broker didn't say, or nothing that can be. */
  readonly bornTimeMs: number;
  /** 1 for the first delivery of the message; 0 when it is not delivered by the broker but replayed. */
  readonly attempt: number;
}

/** What handling needs to know of a received message. */
export function toDelivery(message: ReceivedMessage): Delivery {
  const participant = message.properties.get(PARTICIPANT_PROPERTY) ?? '';
  return {
    topic: message.topic,
    messageId: message.messageId,
    body: message.body,
    ...(message.unreadable ? { unreadable: message.unreadable } : {}),
    ...nameOf(participant),
    bornTimeMs: isPlausibleTime(message.bornTimeMs) ? message.bornTimeMs : 0,
    attempt: message.deliveryAttempt,
  };
}

/** A name that can't be one counts as none: no outcome is reported to it. */
function nameOf(participant: string): Pick<Delivery, 'participant' | 'badParticipant'> {
  if (participant === '' || PARTICIPANT.test(participant)) return { participant };
  return { participant: '', badParticipant: participant.slice(0, TOLD_LENGTH) };
}
