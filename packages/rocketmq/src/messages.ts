import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { crc32 } from 'node:zlib';
import timestampPb from 'google-protobuf/google/protobuf/timestamp_pb.js';
import type { MessageQueue } from 'rocketmq-client-nodejs';
import definition, {
  type Message as MessagePb,
} from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/definition_pb.js';
import { type OpenedBody, openPlainBody, unpackBody } from './open-body.js';
import type { OutgoingMessage, ReceivedMessage } from './types.js';

const HOST = hostname();

/** Which messages a topic takes: a TRANSACTION topic takes no normal message, and the other way around. */
export type MessageKind = 'NORMAL' | 'TRANSACTION';

/** The wire form of a message for one queue. */
export function encodeMessage(
  message: OutgoingMessage,
  kind: MessageKind,
  messageId: string,
  queue: MessageQueue,
): MessagePb {
  const system = new definition.SystemProperties()
    .setKeysList([...message.keys])
    .setMessageId(messageId)
    .setBornTimestamp(timestampPb.Timestamp.fromDate(new Date()))
    .setBornHost(HOST)
    .setBodyEncoding(definition.Encoding.IDENTITY)
    .setQueueId(queue.queueId)
    .setMessageType(definition.MessageType[kind]);
  const encoded = new definition.Message()
    .setTopic(new definition.Resource().setName(message.topic))
    .setBody(message.body)
    .setSystemProperties(system);
  const properties = encoded.getUserPropertiesMap();
  for (const [name, value] of Object.entries(message.properties)) {
    properties.set(name, value);
  }
  return encoded;
}

/** A received message and what its ack needs. */
export interface Delivery {
  readonly message: ReceivedMessage;
  readonly receiptHandle: string;
}

/** Decodes all but the body, which stays as it came: unchecked, and perhaps packed. Never throws. */
export function decodeMessage(encoded: MessagePb): Delivery {
  const system = encoded.getSystemProperties() ?? new definition.SystemProperties();
  const bytes = encoded.getBody_asU8();
  const message: ReceivedMessage = {
    messageId: system.getMessageId(),
    topic: encoded.getTopic()?.getName() ?? '',
    body: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
    keys: system.getKeysList(),
    properties: new Map(encoded.getUserPropertiesMap().entries()),
    bornTimeMs: system.getBornTimestamp()?.toDate().getTime() || 0,
    deliveryAttempt: system.getDeliveryAttempt() ?? 0,
  };
  return { message, receiptHandle: system.getReceiptHandle() ?? '' };
}

/**
 * Decodes a message, and checks and opens its body. A wrong checksum may come from the wire, so the first delivery
 * gives undefined: leave it for the next one. Never throws or rejects. Returns a promise only for a body that must be
 * unpacked.
 */
export function openMessage(encoded: MessagePb): Delivery | undefined | Promise<Delivery> {
  const delivery = decodeMessage(encoded);
  const { body, deliveryAttempt } = delivery.message;
  if (isDamaged(encoded, body)) {
    if (deliveryAttempt <= 1) return undefined;
    const unreadable = { code: 'BODY_CHECKSUM', detail: 'wrong checksum, again' } as const;
    return withBody(delivery, { body, unreadable });
  }
  const opened = openPlainBody(body);
  if (opened) return withBody(delivery, opened);
  const labelled = encoded.getSystemProperties()?.getBodyEncoding() === definition.Encoding.GZIP;
  return unpackBody(body, labelled).then((unpacked) => withBody(delivery, unpacked));
}

function withBody({ message, receiptHandle }: Delivery, opened: OpenedBody): Delivery {
  return { message: { ...message, ...opened }, receiptHandle };
}

/** False when there is no checksum, or one of an unknown kind. */
function isDamaged(encoded: MessagePb, body: Buffer): boolean {
  const digest = encoded.getSystemProperties()?.getBodyDigest();
  const { CRC32, MD5, SHA1 } = definition.DigestType;
  switch (digest?.getType()) {
    case CRC32:
      return digest.getChecksum() !== String(crc32(body));
    case MD5:
      return digest.getChecksum().toUpperCase() !== hexDigest('md5', body);
    case SHA1:
      return digest.getChecksum().toUpperCase() !== hexDigest('sha1', body);
    default:
      return false;
  }
}

function hexDigest(algorithm: string, body: Buffer): string {
  return createHash(algorithm).update(body).digest('hex').toUpperCase();
}
