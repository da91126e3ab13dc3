import { type DescMessage, fromJson, fromJsonString, type MessageShape, toJson } from '@bufbuild/protobuf';
import { createValidator } from '@bufbuild/protovalidate';
import type { ExactValue } from '../json/exact-json.js';
import { keyFaults } from '../tx-no.js';
import { shown } from './body-fault.js';
import type { MessageCodec } from './message-type.js';
import { plainJson } from './plain-json.js';
import { createBodyReader, type ReadBody } from './read-body.js';
import type { EntryForm } from './read-entry.js';

/** The codec of a type that travels in the general envelope. */
export interface EnvelopeCodec<M> extends MessageCodec<M> {
  /**
   * Reads the payload of an entry.
   *
   * @throws Error that says what is wrong with it
   */
  readPayload(payload: ExactValue): M;
}

const MAPPING = { ignoreUnknownFields: true };
const MAX_DETAIL = 200;

/**
 * Makes the codec of a protobuf message in a `txmsg.message.v1.TypedEnvelope`:
 * `{"txMessages":[{"txNo":…,"createTime":"<ms>","type":…,"payload":{…}}]}`. The schema's `buf.validate` rules hold.
 */
export function createEnvelopeCodec<S extends DescMessage>(
  type: string,
  schema: S,
): EnvelopeCodec<MessageShape<S>> {
  const validator = createValidator();
  const readPayload = (payload: ExactValue): MessageShape<S> => {
    const message = fromJson(schema, plainJson(payload, schema), MAPPING);
    const result = validator.validate(schema, message);
    if (result.kind !== 'valid') throw result.error;
    return message;
  };
  const codec: EnvelopeCodec<MessageShape<S>> = {
    encode(entries) {
      const txMessages = entries.map(({ txNo, createTimeMs, message }) => ({
        txNo,
        createTime: String(createTimeMs),
        type,
        payload: toJson(schema, message),
      }));
      return Buffer.from(JSON.stringify({ txMessages }));
    },
    decode: (text, bornTimeMs) => read(text, bornTimeMs),
    write: (message) => JSON.stringify(toJson(schema, message)),
    read: (json) => fromJsonString(schema, json),
    readPayload,
  };
  const read = createEnvelopeReader(new Map([[type, codec]]), type);
  return codec;
}

/** The codec is one of the general envelope. */
export function isEnvelopeCodec<M>(codec: MessageCodec<M>): codec is EnvelopeCodec<M> {
  return 'readPayload' in codec;
}

/**
 * Makes a reader of general envelopes. An entry of a type that isn't among these is a fault UNKNOWN_TYPE with its txNo.
 *
 * @param defaultType the type of entries that name none
 */
export function createEnvelopeReader<M>(
  types: ReadonlyMap<string, EnvelopeCodec<M>>,
  defaultType?: string,
): ReadBody<M> {
  return createBodyReader(typedEntry(types, defaultType));
}

function typedEntry<M>(
  types: ReadonlyMap<string, EnvelopeCodec<M>>,
  defaultType: string | undefined,
): EntryForm<M> {
  return {
    names: ['txNo', 'createTime', 'type', 'payload'],
    marks: ['payload'],
    read(fields, bornTimeMs) {
      const txNo = fields.text('txNo') ?? '-';
      const createTimeMs = Number(fields.integer('createTime', 0n) ?? bornTimeMs) || bornTimeMs;
      for (const fault of keyFaults(txNo, createTimeMs)) fields.tell(fault);
      const type = fields.text('type', defaultType) ?? '';
      const codec = types.get(type);
      if (!codec) return { reason: 'UNKNOWN_TYPE', detail: `type: ${shown(type)} is not known here` };
      const payload = fields.object('payload');
      try {
        return { txNo, createTimeMs, type, message: codec.readPayload(payload ?? {}) };
      } catch (error) {
        return { reason: 'INVALID_FIELD', detail: `payload: ${messageOf(error).slice(0, MAX_DETAIL)}` };
      }
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
