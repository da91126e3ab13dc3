import { createHash } from 'node:crypto';
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { toJson } from '@bufbuild/protobuf';
import { isName } from '../tx-no.js';
import { createEnvelopeCodec } from './envelope.js';
import type { BookEntry, MessageCodec, MessageType } from './message-type.js';

const CONTENT_MAX = 200;

/** A type whose content is a protobuf message, carried in the general envelope. */
export interface SchemaOptions<S extends DescMessage> {
  readonly type: string;
  readonly topic: string;
  readonly schema: S;
  /** Default: the message's canonical JSON, or its SHA-256 in hex beyond 200 characters. */
  readonly content?: (message: MessageShape<S>) => string;
  /** Default: nothing is entered into the books. */
  readonly book?: (message: MessageShape<S>) => readonly BookEntry[];
}

/** A type with bodies of its own form. */
export interface CodecOptions<M> {
  readonly type: string;
  readonly topic: string;
  readonly codec: MessageCodec<M>;
  readonly content: (message: M) => string;
  readonly book?: (message: M) => readonly BookEntry[];
}

/**
 * Defines a message type; both sides of a topic import the same definition.
 *
 * @throws RangeError for a type that isn't 1 to 64 of `[A-Za-z0-9_.-]`
 */
export function defineMessage<S extends DescMessage>(options: SchemaOptions<S>): MessageType<MessageShape<S>>;
export function defineMessage<M>(options: CodecOptions<M>): MessageType<M>;
export function defineMessage(
  options: SchemaOptions<DescMessage> | CodecOptions<unknown>,
): MessageType<unknown> {
  const { type, topic, book = () => [] } = options;
  if (!isName(type)) throw new RangeError(`a message type is 1 to 64 of [A-Za-z0-9_.-], not ${type}`);
  if ('codec' in options) return { type, topic, codec: options.codec, content: options.content, book };
  const { schema, content = (message) => canonicalContent(schema, message) } = options;
  return { type, topic, codec: createEnvelopeCodec(type, schema), content, book } as MessageType<unknown>;
}

/** Equal exactly when two messages are: their JSON with sorted names, or its SHA-256 in hex when it is long. */
function canonicalContent(schema: DescMessage, message: MessageShape<DescMessage>): string {
  const json = JSON.stringify(toJson(schema, message), (_name, value: unknown) => sorted(value));
  return json.length <= CONTENT_MAX ? json : createHash('sha256').update(json).digest('hex');
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
