import { backoffDelayMs, createWaiters, type Logger } from '@txmsg/core';
import type { ReceivedMessage, Subscriber } from '@txmsg/rocketmq';
import { failureKind, mayBeOutage } from '../store/failure-kind.js';
import type { Counters } from './counters.js';
import type { DecodedDelivery } from './delivery.js';
import type { Handled } from './handle-deliveries.js';

/** Messages that are handled beside the receive loops, each on its own, however long that takes. */
export interface InFlight {
  /** Handles a message, and acks it or leaves it for redelivery. Returns at once. */
  add(message: ReceivedMessage, decoded: DecodedDelivery): void;
  /** Resolves when there is room for more: fewer messages, bytes and transactions than the limits. Or at the abort. */
  room(signal: AbortSignal): Promise<void>;
  /** Resolves when none is left. */
  idle(): Promise<void>;
  readonly size: number;
}

/** What they are handled with. */
export interface InFlightParts {
  readonly subscriber: Pick<Subscriber, 'ack' | 'renew'>;
  readonly handle: (deliveries: readonly DecodedDelivery[]) => Promise<readonly Handled[]>;
  readonly reportOutage: (error: unknown) => void;
  readonly counters: Counters;
  readonly logger: Logger;
  /** How long a received message stays hidden, in milliseconds. */
  readonly invisibleMs: number;
  /** Messages in flight beyond which nothing is received. */
  readonly maxMessages: number;
}

/** Of the time that a message is hidden for, so that a renewal that fails is followed by another one. */
const RENEWALS_PER_TIME = 3;
/** What is in flight beyond one of these lets nothing more be received; what a receive brings still comes on top. */
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_TRANSACTIONS = 10_000;
/** Until the next try at a message whose handler has failed. */
const BACKOFF = { initialMs: 20_000, maxMs: 300_000 };

/** Makes a place for messages in flight. */
export function createInFlight(parts: InFlightParts): InFlight {
  const running = new Set<Promise<void>>();
  const waiters = createWaiters();
  let bytes = 0;
  let transactions = 0;
  const isFull = () =>
    running.size >= parts.maxMessages || bytes >= MAX_BYTES || transactions >= MAX_TRANSACTIONS;
  return {
    get size() {
      return running.size;
    },
    add(message, decoded) {
      const count = decoded.decoded.transactions.length;
      bytes += message.body.length;
      transactions += count;
      const one = handleHidden(parts, message, decoded).finally(() => {
        running.delete(one);
        bytes -= message.body.length;
        transactions -= count;
        waiters.wake();
      });
      running.add(one);
    },
    async room(signal) {
      while (isFull() && !signal.aborted) await waiters.wait(signal);
    },
    async idle() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

/** Handles a message and keeps it hidden meanwhile. Never rejects. */
async function handleHidden(
  parts: InFlightParts,
  message: ReceivedMessage,
  decoded: DecodedDelivery,
): Promise<void> {
  const { subscriber, invisibleMs, counters, logger } = parts;
  let renewal: Promise<unknown> = Promise.resolve();
  const renewing = setInterval(() => {
    renewal = subscriber.renew(message, invisibleMs);
  }, invisibleMs / RENEWALS_PER_TIME);
  let handled: Handled | undefined;
  try {
    [handled] = await parts.handle([decoded]);
  } catch (error) {
    const kind = failureKind(error);
    if (mayBeOutage(error)) parts.reportOutage(error);
    logger.error({ err: error, kind, messageId: message.messageId }, 'a message left for redelivery');
  } finally {
    clearInterval(renewing);
    // It brings the receipt by which the message is acked.
    await renewal;
  }
  if (handled?.done) {
    await subscriber.ack([message]);
    return;
  }
  counters.unacked += 1;
  const failure = handled?.result.failure;
  if (failure === undefined) return;
  logger.warn(
    { err: failure, messageId: message.messageId },
    'a handler has failed: its message comes again',
  );
  await subscriber.renew(message, Math.round(backoffDelayMs(message.deliveryAttempt, BACKOFF)));
}
