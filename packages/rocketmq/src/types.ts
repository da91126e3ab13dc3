import type { Logger } from '@txmsg/core';

/** Why a body can't be opened. */
export interface UnreadableBody {
  /**
   * - `BODY_CORRUPT` it is labelled as compressed and can't be unpacked.
   * - `BODY_TOO_LARGE` it has more than 4 MiB when it is opened.
   * - `BODY_FORMAT_UNSUPPORTED` it is packed in a format that this Node can't open.
   * - `BODY_CHECKSUM` its checksum was wrong at the first delivery and is wrong again.
   */
  readonly code: 'BODY_CORRUPT' | 'BODY_TOO_LARGE' | 'BODY_FORMAT_UNSUPPORTED' | 'BODY_CHECKSUM';
  /** For people; short. */
  readonly detail: string;
}

/** A message as it came from the broker. Pass the same object to `ack`: it stands for one delivery. */
export interface ReceivedMessage {
  readonly messageId: string;
  readonly topic: string;
  /**
   * As its sender wrote it: zlib, gzip and zstd are unpacked, to 4 MiB at most. With `unreadable`: the bytes as they
   * came.
   */
  readonly body: Buffer;
  /** Set when no delivery will ever be readable: put the message aside and ack it. */
  readonly unreadable?: UnreadableBody;
  readonly keys: readonly string[];
  readonly properties: ReadonlyMap<string, string>;
  /** Milliseconds of the sender's clock when it sent the message; 0 when the broker didn't say. */
  readonly bornTimeMs: number;
  /** 1 for the first delivery. */
  readonly deliveryAttempt: number;
}

/** A message to send. The limits in `limits.ts` are checked before anything is sent. */
export interface OutgoingMessage {
  readonly topic: string;
  readonly body: Buffer;
  /** The broker's console finds the message by each of them. A key has no white space. */
  readonly keys: readonly string[];
  readonly properties: Readonly<Record<string, string>>;
}

/** How a half message ends: delivered, or dropped. */
export type Resolution = 'COMMIT' | 'ROLLBACK';

/** Names a half message so that any process can end it: plain data, JSON-serialisable. */
export interface PreparedMessage {
  readonly topic: string;
  readonly messageId: string;
  readonly transactionId: string;
  /** `host:port` of the proxy that took the half message, as the topic's route names it: no other proxy can end it. */
  readonly endpoints: string;
}

/** Bounds of one call. */
export interface CallOptions {
  /**
   * Gives up early. The promise rejects with code `CLOSED`; `outcomeUnknown` tells whether the broker may have done it.
   */
  readonly signal?: AbortSignal;
  /** Includes the wait for a free slot. Default 3,000. */
  readonly timeoutMs?: number;
}

/** What all three kinds of client share. */
export interface BrokerClient {
  /** The broker answered lately: nothing has failed since, or it has answered a probe after the last failure. */
  readonly available: boolean;
  /** Calls the listener each time `available` turns true, the first time included. Returns the way to stop it. */
  onAvailable(listener: () => void): () => void;
  /** Calls the listener each time `available` changes. Returns the way to stop it. */
  onAvailabilityChange(listener: (available: boolean) => void): () => void;
  /** Finishes what is in flight within a bounded time, says goodbye, and frees every socket and timer. Idempotent. */
  close(): Promise<void>;
}

/** Sends half messages on one TRANSACTION topic, ends them, and answers the broker's check-backs. */
export interface TransactionPublisher extends BrokerClient {
  /**
   * Sends a half message. Throws BrokerError; with `outcomeUnknown` it may be on the broker, otherwise it certainly
   * isn't.
   */
  prepare(message: OutgoingMessage, options?: CallOptions): Promise<PreparedMessage>;
  /**
   * Ends a half message that this or another process prepared, within the broker's 30 s. Every failure means "unknown",
   * whatever its code; then the check-back decides. A success is no guarantee either, since a proxy whose broker is
   * gone may answer: something durable must watch over what was sent. It calls only proxies that this client was told
   * to use, or that the topic's route names; for others it throws `FOREIGN_PROXY`.
   */
  end(prepared: PreparedMessage, resolution: Resolution, options?: CallOptions): Promise<void>;
}

/** Sends messages on one NORMAL topic. */
export interface Publisher extends BrokerClient {
  /** Sends once, without retry. Throws BrokerError; with `outcomeUnknown` it may be on the broker. */
  send(message: OutgoingMessage, options?: CallOptions): Promise<{ readonly messageId: string }>;
}

/** One receive. */
export interface ReceiveOptions {
  /** 1 to 32. */
  readonly maxMessages: number;
  /** How long the messages stay hidden from other consumers of the group; 10,000 at least. Ack them within it. */
  readonly invisibleMs: number;
  /** How long the broker waits for a first message; clamped to 5,000 to 20,000. */
  readonly waitMs: number;
  /** Ends the wait: `receive` resolves with nothing. */
  readonly signal: AbortSignal;
}

/** Receives from one topic for one consumer group, at least once: what isn't acked in time comes again. */
export interface Subscriber extends BrokerClient {
  /** Resolves with what came, which may be nothing. Throws BrokerError. */
  receive(options: ReceiveOptions): Promise<ReceivedMessage[]>;
  /**
   * Acks in as few requests as possible. Never throws: messages that could not be acked are in `failed`, and come
   * again.
   */
  ack(messages: readonly ReceivedMessage[]): Promise<{ readonly failed: ReceivedMessage[] }>;
  /**
   * Keeps a message hidden for `invisibleMs` from now on, for a handler that takes long. Ack the same object
   * afterwards. Never throws. False when it could not be done: the message may be visible again.
   */
  renew(message: ReceivedMessage, invisibleMs: number): Promise<boolean>;
}

/** What all three kinds of client are made from. */
export interface ConnectionOptions {
  /** `host:port` of the RocketMQ 5 proxy. Several, separated by `;`, are tried in turn. */
  readonly endpoints: string;
  /** A client has one topic, always. */
  readonly topic: string;
  readonly logger: Logger;
  /** How long `close` waits for what is in flight, and again for the goodbye. Default 3,000. */
  readonly closeTimeoutMs?: number;
}

/** Options of `createTransactionPublisher`. */
export interface TransactionPublisherOptions extends ConnectionOptions {
  /**
   * Answers a check-back. Undefined, or a throw, leaves it unanswered, and the broker asks again. It is never called
   * twice at the same time for one half message. The message's body is as it came, perhaps packed. The signal is
   * aborted after `checkTimeoutMs` and at the close.
   */
  readonly check: (message: ReceivedMessage, signal: AbortSignal) => Promise<Resolution | undefined>;
  /** Calls to the broker at once. Default 48; of 2,000 at once, all time out. */
  readonly maxInFlight?: number;
  /** Calls that may wait for a slot; beyond that `OVERLOADED`. Default 1,024. */
  readonly maxWaiting?: number;
  /** Check-backs answered at once. Default 16. Up to 1,024 more wait; the rest is left, and the broker asks again. */
  readonly maxConcurrentChecks?: number;
  /** After this, the slot of a check that hangs goes to the next one. Default 10,000. */
  readonly checkTimeoutMs?: number;
}

/** Options of `createPublisher`. */
export interface PublisherOptions extends ConnectionOptions {
  /** Calls to the broker at once. Default 48. */
  readonly maxInFlight?: number;
  /** Calls that may wait for a slot; beyond that `OVERLOADED`. Default 1,024. */
  readonly maxWaiting?: number;
}

/** Options of `createSubscriber`. */
export interface SubscriberOptions extends ConnectionOptions {
  readonly group: string;
}
