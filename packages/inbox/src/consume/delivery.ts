import { messageOrigin } from '@txmsg/contracts/message-properties';
import { createBodyDecoder, type DecodedBody, type MessageType } from '@txmsg/contracts/messages';
import { isPlausibleTime } from '@txmsg/contracts/tx-no';
import type { ReceivedMessage, UnreadableBody } from '@txmsg/rocketmq';

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
  /** The message type that the message names; blank or missing when it names none. */
  readonly type?: string;
  /** When the message was born, in milliseconds since the epoch; 0 when the broker didn't say, or nothing that can be. */
  readonly bornTimeMs: number;
  /** 1 for the first delivery of the message; 0 when it is not delivered by the broker but replayed. */
  readonly attempt: number;
}

/** A delivery with what its body holds, or with what is left of that. */
export interface DecodedDelivery {
  readonly delivery: Delivery;
  readonly decoded: DecodedBody<unknown>;
}

/** What handling needs to know of a received message. */
export function toDelivery(message: ReceivedMessage): Delivery {
  return {
    topic: message.topic,
    messageId: message.messageId,
    body: message.body,
    ...(message.unreadable ? { unreadable: message.unreadable } : {}),
    ...messageOrigin(message.properties),
    bornTimeMs: isPlausibleTime(message.bornTimeMs) ? message.bornTimeMs : 0,
    attempt: message.deliveryAttempt,
  };
}

/** Decodes the body of a message. Never throws. `bornTimeMs` stands in for a missing create time. */
export type DecodeMessage = (
  message: Pick<Delivery, 'topic' | 'body' | 'type' | 'participant'>,
  bornTimeMs: number,
) => DecodedBody<unknown>;

/** Says that a message is of a type that was not known, when its name is not at hand. It is no name of a type. */
export const UNKNOWN_TYPE = '?';

/**
 * Makes the decoder of these types. A topic that none of them has, such as the broker's for dead letters, may carry any. A
 * foreign producer, which names no participant, may mean anything by a property `type`: it counts only when it is known.
 */
export function createDecodeMessage(types: readonly MessageType<unknown>[]): DecodeMessage {
  const byTopic = Map.groupBy(types, ({ topic }) => topic);
  const decoders = new Map([...byTopic].map(([topic, own]) => [topic, createBodyDecoder(own)]));
  const decodeAny = createBodyDecoder(types);
  const names = new Set(types.map(({ type }) => type));
  return ({ topic, body, type = '', participant }, bornTimeMs) => {
    const decode = decoders.get(topic) ?? decodeAny;
    return decode(body, bornTimeMs, participant === '' && !names.has(type) ? '' : type);
  };
}

/** Decodes a delivery's body, or tells why it could not even be opened. */
export function decodeDelivery(
  decode: DecodeMessage,
  delivery: Delivery,
  receivedMs: number,
): DecodedBody<unknown> {
  const { unreadable, bornTimeMs } = delivery;
  if (unreadable === undefined) return decode(delivery, bornTimeMs || receivedMs);
  return { transactions: [], faults: [{ reason: unreadable.code, detail: unreadable.detail }] };
}
