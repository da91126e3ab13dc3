import { randomUUID } from 'node:crypto';
import { credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import timestampPb from 'google-protobuf/google/protobuf/timestamp_pb.js';
import definition, { type Message } from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/definition_pb.js';
import serviceGrpc from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/service_grpc_pb.js';
import service from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/service_pb.js';

/** What is sent. */
export interface StrangerSend {
  readonly topic: string;
  readonly body: Buffer;
  /** The topic's type. A message on a TRANSACTION topic is committed at once. */
  readonly kind: 'NORMAL' | 'TRANSACTION';
  /** The body is labelled gzip, whatever it is. */
  readonly saysGzip?: boolean;
  /** Default: an id that no other message has. */
  readonly messageId?: string;
  readonly properties: Readonly<Record<string, string>>;
}

/** A producer that, unlike ours, checks nothing: it can lie about its bodies and choose any message id. */
export interface StrangerPublisher {
  /** Resolves when the broker has said OK to everything. After a rejection the message may be there or not. */
  send(message: StrangerSend): Promise<void>;
  close(): void;
}

const TIMEOUT_MS = 10_000;
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

type Call<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: { readonly deadline: number },
  callback: (error: ServiceError | null, response: Response) => void,
) => unknown;

/** Creates a producer on a proxy at `host:port`. The caller closes it. */
export function openStrangerPublisher(endpoints: string): StrangerPublisher {
  const client = new serviceGrpc.MessagingServiceClient(endpoints, credentials.createInsecure(), {
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  });
  const metadata = clientMetadata();
  const call = <Request, Response>(method: Call<Request, Response>, request: Request) =>
    new Promise<Response>((resolve, reject) => {
      const options = { deadline: Date.now() + TIMEOUT_MS };
      method.call(client, request, metadata, options, (error, response) =>
        error ? reject(error) : resolve(response),
      );
    });
  return {
    async send(message) {
      const request = new service.SendMessageRequest();
      request.addMessages(encode(message));
      const response = await call(client.sendMessage, request);
      const [entry] = response.getEntriesList();
      requireOk(entry?.getStatus()?.toObject() ?? response.getStatus()?.toObject());
      if (!entry || message.kind === 'NORMAL') return;
      const end = new service.EndTransactionRequest()
        .setTopic(new definition.Resource().setName(message.topic))
        .setMessageId(entry.getMessageId())
        .setTransactionId(entry.getTransactionId())
        .setResolution(definition.TransactionResolution.COMMIT)
        .setSource(definition.TransactionSource.SOURCE_CLIENT);
      requireOk((await call(client.endTransaction, end)).getStatus()?.toObject());
    },
    close: () => client.close(),
  };
}

function encode({ topic, body, kind, saysGzip, messageId, properties }: StrangerSend): Message {
  const system = new definition.SystemProperties()
    .setMessageId(messageId ?? `01${randomUUID().replaceAll('-', '').toUpperCase()}`)
    .setBornTimestamp(timestampPb.Timestamp.fromDate(new Date()))
    .setBornHost('stranger')
    .setBodyEncoding(saysGzip ? definition.Encoding.GZIP : definition.Encoding.IDENTITY)
    .setQueueId(0)
    .setMessageType(definition.MessageType[kind]);
  const message = new definition.Message()
    .setTopic(new definition.Resource().setName(topic))
    .setBody(body)
    .setSystemProperties(system);
  const map = message.getUserPropertiesMap();
  for (const [name, value] of Object.entries(properties)) map.set(name, value);
  return message;
}

function clientMetadata(): Metadata {
  const metadata = new Metadata();
  metadata.set('x-mq-protocol', 'v2');
  metadata.set('x-mq-client-id', `stranger@${randomUUID()}`);
  metadata.set('x-mq-language', 'HTTP');
  metadata.set('x-mq-client-version', '5.0.0');
  return metadata;
}

function requireOk(status: { readonly code: number; readonly message: string } | undefined): void {
  if (status?.code === definition.Code.OK) return;
  throw new Error(`the broker said ${status?.code}: ${status?.message}`);
}
