import durationPb from 'google-protobuf/google/protobuf/duration_pb.js';
import { FilterExpression, SimpleSubscriptionSettings } from 'rocketmq-client-nodejs';
import definition, {
  type Message as MessagePb,
} from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/definition_pb.js';
import service, {
  type ReceiveMessageResponse,
} from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/service_pb.js';
import { BrokerError } from './broker-error.js';
import { readStream } from './calls.js';
import { createClientLogger } from './client-logger.js';
import { Connection } from './connection.js';
import { openMessage } from './messages.js';
import { ReceiveBudget } from './receive-budget.js';
import { BrokerSession } from './session.js';
import type { SessionRole } from './session-role.js';
import { checkStatus } from './status.js';
import { linkSignals } from './timing.js';
import type { ReceivedMessage, ReceiveOptions, Subscriber, SubscriberOptions } from './types.js';

const REQUEST_TIMEOUT_MS = 3_000;
const BATCH_MAX = 32;
const INVISIBLE_MIN_MS = 10_000;
const WAIT_MIN_MS = 5_000;
const WAIT_MAX_MS = 20_000;

interface Receipt {
  readonly endpoints: string;
  readonly handle: string;
}

/** Makes a Subscriber. Returns at once, and keeps connecting in the background until the caller closes it. */
export function createSubscriber(options: SubscriberOptions): Subscriber {
  return new SimpleSubscriber(options);
}

/** The protocol's simple consumer: it asks for messages, and acks each receive with one request. */
class SimpleSubscriber implements Subscriber {
  readonly #options: SubscriberOptions;
  readonly #connection: Connection;
  readonly #receipts = new WeakMap<ReceivedMessage, Receipt>();
  readonly #budget = new ReceiveBudget();
  readonly #stop = new AbortController();

  constructor(options: SubscriberOptions) {
    this.#options = options;
    const clientLogger = createClientLogger(options.logger);
    const role = consumerRole(options.topic, options.group);
    const onCheck = () => undefined;
    this.#connection = new Connection({
      endpoints: options.endpoints,
      topic: options.topic,
      logger: options.logger,
      createSession: (endpoints, onLost) =>
        new BrokerSession(endpoints, role, { onLost, onCheck }, clientLogger),
    });
  }

  get available(): boolean {
    return this.#connection.available;
  }

  onAvailable(listener: () => void): () => void {
    return this.#connection.onAvailable(listener);
  }

  onAvailabilityChange(listener: (available: boolean) => void): () => void {
    return this.#connection.onAvailabilityChange(listener);
  }

  async receive(options: ReceiveOptions): Promise<ReceivedMessage[]> {
    const { maxMessages, invisibleMs } = options;
    if (maxMessages < 1 || maxMessages > BATCH_MAX || invisibleMs < INVISIBLE_MIN_MS) {
      throw new BrokerError(
        'INVALID',
        `receive 1 to ${BATCH_MAX} messages, for ${INVISIBLE_MIN_MS} ms or more`,
      );
    }
    const { signal, unlink } = linkSignals(options.signal, this.#stop.signal);
    try {
      await this.#connection.whenAvailable(options.waitMs, signal);
      return signal.aborted
        ? []
        : await this.#connection.run((session) => this.#receive(session, options, signal));
    } catch (error) {
      if (signal.aborted) {
        return [];
      }
      throw error;
    } finally {
      unlink();
    }
  }

  /** A cancelled receive loses nothing: messages that the proxy can't hand over come again after a moment. */
  async #receive(
    session: BrokerSession,
    options: ReceiveOptions,
    signal: AbortSignal,
  ): Promise<ReceivedMessage[]> {
    const waitMs = Math.min(WAIT_MAX_MS, Math.max(WAIT_MIN_MS, options.waitMs));
    const queue = session.nextQueue('READ');
    const request = new service.ReceiveMessageRequest()
      .setGroup(new definition.Resource().setName(this.#options.group))
      .setMessageQueue(queue.toProtobuf())
      .setFilterExpression(FilterExpression.SUB_ALL.toProtobuf())
      .setLongPollingTimeout(duration(waitMs))
      .setBatchSize(this.#budget.messages(options.maxMessages))
      .setAutoRenew(false)
      .setInvisibleDuration(duration(options.invisibleMs));
    const endpoints = queue.broker.endpoints.facade;
    const deadline = Date.now() + waitMs + REQUEST_TIMEOUT_MS;
    const stream = session
      .client(endpoints)
      .receiveMessage(request, session.getRequestMetadata(), { deadline });
    const what = `receive from ${this.#options.topic}`;
    return await this.#keep(readStream(stream, signal, what), endpoints, what);
  }

  /** Opens what comes. Messages beyond the budget are left, and come again. */
  async #keep(
    responses: AsyncIterable<ReceiveMessageResponse>,
    endpoints: string,
    what: string,
  ): Promise<ReceivedMessage[]> {
    const kept: ReceivedMessage[] = [];
    let bytes = 0;
    let left = 0;
    for await (const response of responses) {
      const status = response.getStatus()?.toObject();
      if (status && status.code !== definition.Code.MESSAGE_NOT_FOUND) {
        checkStatus(status, what);
      }
      const encoded = response.getMessage();
      if (!encoded) continue;
      const message = await this.#open(encoded, endpoints);
      if (!message) continue;
      if (!this.#budget.keeps(bytes, message.body.length)) {
        left += 1;
        continue;
      }
      bytes += message.body.length;
      kept.push(message);
    }
    this.#budget.received(kept.length, left);
    if (left > 0) {
      const { topic } = this.#options;
      this.#options.logger.debug(
        { topic, kept: kept.length, bytes, left },
        'large messages are left for later',
      );
    }
    return kept;
  }

  /** A damaged message is left once, since the wire may have done it. */
  async #open(encoded: MessagePb, endpoints: string): Promise<ReceivedMessage | undefined> {
    const opened = openMessage(encoded);
    const delivery = opened instanceof Promise ? await opened : opened;
    if (!delivery) {
      const messageId = encoded.getSystemProperties()?.getMessageId();
      this.#options.logger.error(
        { messageId, topic: this.#options.topic },
        'damaged message: wrong checksum',
      );
      return undefined;
    }
    this.#receipts.set(delivery.message, { endpoints, handle: delivery.receiptHandle });
    return delivery.message;
  }

  async ack(messages: readonly ReceivedMessage[]): Promise<{ failed: ReceivedMessage[] }> {
    const failed: ReceivedMessage[] = [];
    const batches: { endpoints: string; messages: ReceivedMessage[] }[] = [];
    for (const message of messages) {
      const receipt = this.#receipts.get(message);
      if (!receipt) {
        failed.push(message);
        continue;
      }
      const batch = batches.findLast(({ endpoints }) => endpoints === receipt.endpoints);
      if (batch && batch.messages.length < BATCH_MAX) {
        batch.messages.push(message);
      } else {
        batches.push({ endpoints: receipt.endpoints, messages: [message] });
      }
    }
    const results = await Promise.all(
      batches.map((batch) => this.#ackBatch(batch.endpoints, batch.messages)),
    );
    return { failed: failed.concat(...results) };
  }

  /** One request. Its overall status is OK although an entry failed, so each entry's status is read. */
  async #ackBatch(endpoints: string, messages: ReceivedMessage[]): Promise<ReceivedMessage[]> {
    const request = new service.AckMessageRequest()
      .setGroup(new definition.Resource().setName(this.#options.group))
      .setTopic(new definition.Resource().setName(this.#options.topic));
    for (const message of messages) {
      request
        .addEntries()
        .setMessageId(message.messageId)
        .setReceiptHandle(this.#receipts.get(message)?.handle ?? '');
    }
    try {
      const response = await this.#connection.run((session) =>
        session.call(
          endpoints,
          (client) => client.ackMessage,
          request,
          { timeoutMs: REQUEST_TIMEOUT_MS },
          'ack',
        ),
      );
      const acked = new Set<string>();
      for (const entry of response.getEntriesList()) {
        if (entry.getStatus()?.getCode() === definition.Code.OK) {
          acked.add(entry.getReceiptHandle());
        }
      }
      return messages.filter((message) => !acked.has(this.#receipts.get(message)?.handle ?? ''));
    } catch (error) {
      this.#options.logger.warn(
        { err: error, messages: messages.length },
        'ack failed; the messages come again',
      );
      return messages;
    }
  }

  /** The broker answers with another receipt, which acks the message from then on. */
  async renew(message: ReceivedMessage, invisibleMs: number): Promise<boolean> {
    const receipt = this.#receipts.get(message);
    if (!receipt) return false;
    const request = new service.ChangeInvisibleDurationRequest()
      .setGroup(new definition.Resource().setName(this.#options.group))
      .setTopic(new definition.Resource().setName(this.#options.topic))
      .setMessageId(message.messageId)
      .setReceiptHandle(receipt.handle)
      .setInvisibleDuration(duration(invisibleMs));
    try {
      const response = await this.#connection.run((session) =>
        session.call(
          receipt.endpoints,
          (client) => client.changeInvisibleDuration,
          request,
          { timeoutMs: REQUEST_TIMEOUT_MS },
          'renew',
        ),
      );
      this.#receipts.set(message, { ...receipt, handle: response.getReceiptHandle() });
      return true;
    } catch (error) {
      this.#options.logger.warn(
        { err: error, messageId: message.messageId },
        'a message could not be kept hidden',
      );
      return false;
    }
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#connection.close();
  }
}

function duration(ms: number): InstanceType<typeof durationPb.Duration> {
  return new durationPb.Duration().setSeconds(Math.floor(ms / 1_000)).setNanos((ms % 1_000) * 1_000_000);
}

function consumerRole(topic: string, group: string): SessionRole {
  return {
    topic,
    group,
    settings: (clientId, endpoints) =>
      new SimpleSubscriptionSettings(
        '',
        clientId,
        definition.ClientType.SIMPLE_CONSUMER,
        endpoints,
        group,
        REQUEST_TIMEOUT_MS,
        WAIT_MAX_MS,
        new Map([[topic, FilterExpression.SUB_ALL]]),
      ),
  };
}
