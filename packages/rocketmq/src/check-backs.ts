import type { Logger } from '@txmsg/core';
import type { RecoverOrphanedTransactionCommand } from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/service_pb.js';
import { BrokerError } from './broker-error.js';
import { decodeMessage } from './messages.js';
import { Semaphore } from './semaphore.js';
import { linkSignals } from './timing.js';
import type { PreparedMessage, ReceivedMessage, Resolution } from './types.js';

const WAITING = 1_024;
const WAIT_MS = 20_000;

/** Options of CheckBacks. */
export interface CheckBacksOptions {
  readonly check: (message: ReceivedMessage, signal: AbortSignal) => Promise<Resolution | undefined>;
  /** Tells the broker. It may reject; then the broker asks again. */
  readonly end: (prepared: PreparedMessage, resolution: Resolution) => Promise<void>;
  readonly maxConcurrent: number;
  readonly timeoutMs: number;
  readonly logger: Logger;
}

/**
 * Answers check-backs: a bounded number at once, since the broker sends hundreds. A transaction is checked once at a
 * time, however often the broker asks meanwhile. What can't be answered now is left; the broker asks again.
 */
export class CheckBacks {
  readonly #options: CheckBacksOptions;
  readonly #slots: Semaphore;
  readonly #running = new Set<string>();
  readonly #stop = new AbortController();

  constructor(options: CheckBacksOptions) {
    this.#options = options;
    this.#slots = new Semaphore(options.maxConcurrent, WAITING);
  }

  /** Takes a check-back from the client. Returns at once and never throws, since its caller is a stream. */
  handle(endpoints: string, command: RecoverOrphanedTransactionCommand): void {
    const transactionId = command.getTransactionId();
    if (this.#running.has(transactionId)) {
      return;
    }
    this.#running.add(transactionId);
    this.#answer(endpoints, transactionId, command)
      .catch((error) => this.#report(error, transactionId))
      .finally(() => this.#running.delete(transactionId));
  }

  #report(error: unknown, transactionId: string): void {
    const expected = error instanceof BrokerError && error.code !== 'INVALID';
    const level = expected ? 'debug' : 'warn';
    this.#options.logger[level](
      { err: error, transactionId },
      'check-back not answered; the broker asks again',
    );
  }

  async #answer(
    endpoints: string,
    transactionId: string,
    command: RecoverOrphanedTransactionCommand,
  ): Promise<void> {
    const encoded = command.getMessage();
    if (!encoded) {
      throw new BrokerError('INVALID', 'check-back without a message');
    }
    // The body stays packed: it decides nothing here, and unpacking may be expensive.
    const { message } = decodeMessage(encoded);
    await this.#slots.acquire({ timeoutMs: WAIT_MS, signal: this.#stop.signal });
    const resolution = await this.#decide(message);
    if (resolution) {
      await this.#options.end(
        { topic: message.topic, messageId: message.messageId, transactionId, endpoints },
        resolution,
      );
    }
  }

  /** Gives the slot back when the time is over, and still waits for the check: it must not run twice at a time. */
  async #decide(message: ReceivedMessage): Promise<Resolution | undefined> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), this.#options.timeoutMs);
    const { signal, unlink } = linkSignals(late.signal, this.#stop.signal);
    let held = true;
    const release = () => {
      clearTimeout(timer);
      if (held) {
        held = false;
        this.#slots.release();
      }
    };
    signal.addEventListener('abort', release);
    try {
      return await this.#options.check(message, signal);
    } finally {
      unlink();
      release();
    }
  }

  /** Refuses what waits, aborts what runs; resolves when all slots are free. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#slots.close();
  }
}
