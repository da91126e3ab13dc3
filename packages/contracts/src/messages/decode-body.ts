import { createEnvelopeReader, type EnvelopeCodec, isEnvelopeCodec } from './envelope.js';
import type { DecodedBody, MessageCodec, MessageType } from './message-type.js';
import { mentionedTxNos, type ReadBody, refused } from './read-body.js';

/** The largest body that is read: a broker takes 4 MiB, and bodies are unpacked to as much. */
const MAX_BYTES = 4 * 1024 * 1024;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads the bodies of one topic, in the form of any of its types. Bounded by construction: 4 MiB, 100,000 values,
 * 10,000 entries. Never throws.
 *
 * @param bornTimeMs stands in for a missing create time
 * @param type what the message's `type` property names; blank when it names none
 */
export type BodyDecoder<M> = (body: Uint8Array, bornTimeMs: number, type?: string) => DecodedBody<M>;

/**
 * Makes the decoder of a topic that carries these types. The `type` property says how a body is written. A body without
 * it has the form of a type with a codec of its own, or of the general envelope, whichever reads it with fewest faults.
 */
export function createBodyDecoder<M>(types: readonly MessageType<M>[]): BodyDecoder<M> {
  const own = new Map<string, ReadBody<M>>();
  const general = new Map<string, EnvelopeCodec<M>>();
  for (const { type, codec } of types) {
    if (isEnvelopeCodec(codec)) general.set(type, codec);
    else own.set(type, readerOf(codec));
  }
  // A type's own form alone is read as before there were types: its faults are told in its own words.
  const untyped = [...own.values(), ...(general.size > 0 ? [createEnvelopeReader(general)] : [])];
  return (body, bornTimeMs, type = '') => {
    const text = textOf(body);
    if (typeof text !== 'string') return text;
    const readers = type === '' ? untyped : [own.get(type) ?? createEnvelopeReader(general, type)];
    return withFewestFaults(readers, text, bornTimeMs);
  };
}

function readerOf<M>(codec: MessageCodec<M>): ReadBody<M> {
  return (text, bornTimeMs) => codec.decode(text, bornTimeMs);
}

function withFewestFaults<M>(readers: readonly ReadBody<M>[], text: string, bornTimeMs: number) {
  let best: DecodedBody<M> | undefined;
  for (const read of readers) {
    const decoded = read(text, bornTimeMs);
    if (decoded.faults.length === 0) return decoded;
    if (best === undefined || decoded.faults.length < best.faults.length) best = decoded;
  }
  return best ?? refused('UNKNOWN_TYPE', `no type is known on this topic${mentionedTxNos(text)}`);
}

function textOf(body: Uint8Array): string | DecodedBody<never> {
  if (body.length > MAX_BYTES) return refused('BODY_TOO_LARGE', `${body.length} bytes, at most ${MAX_BYTES}`);
  try {
    return utf8.decode(body);
  } catch {
    const latin1 = Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1');
    return refused('NOT_JSON', `the body is no UTF-8${mentionedTxNos(latin1)}`);
  }
}
