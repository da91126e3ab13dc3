import { type Endpoints, ExponentialBackoffRetryPolicy, PublishingSettings } from 'rocketmq-client-nodejs';
import definition from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/definition_pb.js';
import service, {
  type RecoverOrphanedTransactionCommand,
} from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/service_pb.js';
import { BrokerError } from './broker-error.js';
import { createClientLogger } from './client-logger.js';
import { Connection } from './connection.js';
import { checkMessage } from './limits.js';
import { createMessageIds } from './message-id.js';
import { encodeMessage, type MessageKind } from './messages.js';
import { Semaphore } from './semaphore.js';
import { BrokerSession, isTypeless } from './session.js';
import type { SessionRole } from './session-role.js';
import { checkStatus } from './status.js';
import { within } from './timing.js';
import type { CallOptions, ConnectionOptions, OutgoingMessage, PreparedMessage } from './types.js';

const TIMEOUT_MS = 3_000;
const IN_FLIGHT = 48;
const WAITING = 1_024;
const CLOSE_TIMEOUT_MS = 3_000;

/** Options of a Sender. */
export interface SenderOptions extends ConnectionOptions {
  readonly kind: MessageKind;
  readonly maxInFlight?: number | undefined;
  readonly maxWaiting?: number | undefined;
  readonly onCheck?: (endpoints: string, command: RecoverOrphanedTransactionCommand) => void;
}

/** What publisher and transactional publisher share: a producer's connection, with a bounded number of calls on it. */
export class Sender {
  readonly connection: Connection;
  readonly #options: SenderOptions;
  readonly #slots: Semaphore;
  readonly #nextMessageId = createMessageIds();
  #closing: Promise<void> | undefined;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#slots = new Semaphore(options.maxInFlight ?? IN_FLIGHT, options.maxWaiting ?? WAITING);
    const clientLogger = createClientLogger(options.logger);
    const role = producerRole(options.topic);
    const onCheck = options.onCheck ?? (() => undefined);
    this.connection = new Connection({
      endpoints: options.endpoints,
      topic: options.topic,
      logger: options.logger,
      createSession: (endpoints, onLost) =>
        new BrokerSession(endpoints, role, { onLost, onCheck }, clientLogger),
    });
  }

  /** Runs `call` in a slot, with the time that is left when the slot is free. */
  async withSlot<T>(
    options: CallOptions,
    call: (
      session: BrokerSession,
      bounds: { timeoutMs: number; signal: AbortSignal | undefined },
    ) => Promise<T>,
  ): Promise<T> {
    const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    const deadline = Date.now() + timeoutMs;
    await this.#slots.acquire({ timeoutMs, signal: options.signal });
    try {
      return await this.connection.run((session) =>
        call(session, { timeoutMs: Math.max(1, deadline - Date.now()), signal: options.signal }),
      );
    } finally {
      this.#slots.release();
    }
  }

  /** Sends one message, once. Retries are the caller's: those of the client come without a delay. */
  async send(message: OutgoingMessage, options: CallOptions = {}): Promise<PreparedMessage> {
    checkMessage(message, this.#options.topic);
    const { kind } = this.#options;
    return await this.withSlot(options, async (session, bounds) => {
      const queue = session.nextQueue('WRITE');
      if (isTypeless(queue)) {
        throw new BrokerError('UNAVAILABLE', `the proxy does not know the type of ${message.topic}`);
      }
      if (!queue.acceptMessageTypesList.includes(definition.MessageType[kind])) {
        throw new BrokerError('INVALID', `topic ${message.topic} takes no ${kind} messages`);
      }
      const request = new service.SendMessageRequest();
      request.addMessages(encodeMessage(message, kind, this.#nextMessageId(), queue));
      const endpoints = queue.broker.endpoints.facade;
      const what = `send to ${message.topic}`;
      const response = await session.call(endpoints, (client) => client.sendMessage, request, bounds, what);
      const [entry] = response.getEntriesList();
      checkStatus(entry?.getStatus()?.toObject() ?? response.getStatus()?.toObject(), what);
      checkStatus(response.getStatus()?.toObject(), what);
      if (!entry) {
        throw new BrokerError('UNKNOWN_OUTCOME', `${what}: no receipt`);
      }
      return {
        topic: message.topic,
        messageId: entry.getMessageId(),
        transactionId: entry.getTransactionId(),
        endpoints,
      };
    });
  }

  /** Finishes what is in flight, within a bounded time, then closes the connection. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await within(this.#slots.close(), this.#options.closeTimeoutMs ?? CLOSE_TIMEOUT_MS, undefined);
    await this.connection.close();
  }
}

function producerRole(topic: string): SessionRole {
  return {
    topic,
    settings: (clientId: string, endpoints: Endpoints) => {
      const noRetry = ExponentialBackoffRetryPolicy.immediatelyRetryPolicy(1);
      return new PublishingSettings('', clientId, endpoints, noRetry, TIMEOUT_MS, new Set([topic]));
    },
  };
}
