import { createHash } from 'node:crypto';

/** A message that could not be handled. */
export interface NewDeadLetter {
  readonly body: Buffer;
  /** Upper-case code. */
  readonly reason: string;
  /** For people. */
  readonly detail: string;
  readonly topic: string;
  readonly messageId: string;
  /** Blank when the message named none. */
  readonly participant: string;
  /** Milliseconds since the epoch; 0 when it isn't known. */
  readonly bornTimeMs: number;
}

/** A dead letter as it fits the table. */
export interface StoredForm extends NewDeadLetter {
  /** SHA-256 of the whole body in hex. */
  readonly bodyHash: string;
  /** Bytes of the whole body when `body` is only its beginning; null when it is all of it. */
  readonly bodyLength: number | null;
}

export const MAX_DETAIL = 1_024;
const MAX_NAME = 255;
const MAX_CODE = 64;
/** All of a statement but the body, in bytes, with every character escaped. */
const REST_OF_STATEMENT = 16 * 1024;
/** What a MEDIUMBLOB holds. */
const MAX_COLUMN = 16 * 1024 * 1024 - 1;
/** Below this even the texts might not fit into a packet. */
const SMALL_PACKET = 2 * REST_OF_STATEMENT;

/**
 * The whole letter: texts cut to their columns, and of the body as much as fits into a statement, where each byte takes
 * two hex digits.
 *
 * @param maxPacket the server's max_allowed_packet in bytes
 */
export function wholeForm(letter: NewDeadLetter, maxPacket: number): StoredForm {
  if (maxPacket < SMALL_PACKET) return barestForm(letter);
  const room = Math.min(MAX_COLUMN, Math.floor((maxPacket - REST_OF_STATEMENT) / 2));
  return {
    ...cutBody(letter, room),
    reason: cut(letter.reason, MAX_CODE),
    detail: cut(letter.detail, MAX_DETAIL),
    topic: cut(letter.topic, MAX_NAME),
    messageId: cut(letter.messageId, MAX_NAME),
    participant: letter.participant,
    bornTimeMs: letter.bornTimeMs,
  };
}

/** What fits any table and any packet: reason and names in ASCII, no body. For a letter that is refused otherwise. */
export function barestForm(letter: NewDeadLetter): StoredForm {
  return {
    ...cutBody(letter, 0),
    reason: ascii(letter.reason),
    detail: 'stored without its body and detail',
    topic: ascii(letter.topic),
    messageId: ascii(letter.messageId),
    participant: ascii(letter.participant),
    bornTimeMs: 0,
  };
}

function cutBody(
  { body }: NewDeadLetter,
  room: number,
): Pick<StoredForm, 'body' | 'bodyHash' | 'bodyLength'> {
  const bodyHash = createHash('sha256').update(body).digest('hex');
  if (body.length <= room) return { body, bodyHash, bodyLength: null };
  return { body: body.subarray(0, room), bodyHash, bodyLength: body.length };
}

/** Half a surrogate pair, whether it came or was left by the cut, is no text that a column takes. */
function cut(text: string, length: number): string {
  return text.slice(0, length).toWellFormed();
}

function ascii(text: string): string {
  return text.slice(0, MAX_CODE).replace(/[^\x20-\x7e]/g, '?');
}
