import { hostname } from 'node:os';
import timestampPb from 'google-protobuf/google/protobuf/timestamp_pb.js';
import { type MessageQueue, MessageView } from 'rocketmq-client-nodejs';
import definition, {
  type Message as MessagePb,
} from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/definition_pb.js';
import type { OutgoingMessage, ReceivedMessage } from './types.js';

const HOST = hostname();

/** How a topic takes its messages: a TRANSACTION topic takes no normal message, and the other way round. */
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

/** Decodes a message; undefined when its checksum is wrong. Throws when it can't be decoded at all. */
export function decodeMessage(encoded: MessagePb): Delivery | undefined {
  const view = new MessageView(encoded);
  if (view.corrupted) {
    return undefined;
  }
  const message: ReceivedMessage = {
    messageId: view.messageId,
    topic: view.topic,
    body: view.body,
    keys: view.keys,
    properties: view.properties,
    bornTimeMs: view.bornTimestamp?.getTime() ?? 0,
    deliveryAttempt: view.deliveryAttempt ?? 0,
  };
  return { message, receiptHandle: view.receiptHandle };
}
