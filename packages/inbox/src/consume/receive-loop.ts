import { backoffDelayMs, type Logger, sleep } from '@txmsg/core';
import { BrokerError, type ReceivedMessage, type Subscriber } from '@txmsg/rocketmq';
import { failureKind, mayBeOutage } from '../store/failure-kind.js';
import type { Counters } from './counters.js';
import { type Delivery, toDelivery } from './delivery.js';
import type { Gate } from './gate.js';

/** What the loop needs to know of a handled delivery. */
export interface HandledDelivery {
  /** It may be acked. What isn't done comes again when its hiding time is over. */
  readonly done: boolean;
  /** It isn't done because its outcomes could not be published, as the next ones could not: a pause is due. */
  readonly unpublished?: boolean;
  /** Somebody else goes on with it, and acks it. */
  readonly takenOver?: boolean;
}

/** What a receive loop works with. */
export interface ReceiveLoopParts<Result extends HandledDelivery = HandledDelivery> {
  readonly subscriber: Subscriber;
  /** Handles deliveries, and says of each what became of it. Throws when none may be acked. */
  readonly handle: (
    deliveries: readonly Delivery[],
    messages: readonly ReceivedMessage[],
  ) => Promise<readonly Result[]>;
  /** Told of each message that isn't done, with what became of it, and until when it stays hidden. */
  readonly onLeft?: (message: ReceivedMessage, handled: Result, hiddenUntilMs: number) => void;
  /** Closed while the database is away: nothing is received then. */
  readonly gate: Gate;
  /** Resolves when more may be received, or at the abort; at once by default. */
  readonly room?: (signal: AbortSignal) => Promise<void>;
  /** Told of a failure that speaks of the database being away, or may do so. */
  readonly reportOutage: (error: unknown) => void;
  /** Told of a receive that failed, beside the log. */
  readonly onReceiveFailed?: (error: unknown) => void;
  readonly counters: Counters;
  readonly logger: Logger;
  /** Messages per receive, 32 at most. */
  readonly maxMessages: number;
  /** How long received messages stay hidden from others, in milliseconds. */
  readonly invisibleMs: number;
  /** How long a receive waits for a first message, and for a broker that is away; 15,000 ms by default. */
  readonly waitMs?: number;
}

const RECEIVE_WAIT_MS = 15_000;
/** Of bodies that are handled and acked together: some 2,000 orders. */
const BATCH_BYTES = 256 * 1024;
const BACKOFF = { initialMs: 200, maxMs: 5_000 };

/**
 * Receives, handles and acks, one receive after the other, until the signal is aborted; what is in hand then is finished
 * first. What isn't done is not acked and comes again when its hiding time is over.
 */
export async function runReceiveLoop<Result extends HandledDelivery>(
  parts: ReceiveLoopParts<Result>,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    await parts.room?.(signal);
    await parts.gate.passable(signal);
    if (signal.aborted) return;
    const ok = await receiveOnce(parts, signal);
    failures = ok ? 0 : failures + 1;
    if (!ok) await sleep(backoffDelayMs(failures, BACKOFF), signal);
  }
}

/** One round; false when something failed and a pause is due. Never rejects. */
export async function receiveOnce<Result extends HandledDelivery>(
  parts: ReceiveLoopParts<Result>,
  signal: AbortSignal,
): Promise<boolean> {
  const messages = await receive(parts, signal);
  const hiddenUntilMs = performance.now() + parts.invisibleMs;
  if (messages === undefined) return false;
  if (messages.length === 0) return true;
  parts.counters.messages += messages.length;
  let settled = 0;
  let ok = true;
  for (const batch of batches(messages)) {
    const { done, takenOver, failed } = await handle(parts, batch, hiddenUntilMs);
    if (done.length > 0) await ack(parts, done);
    settled += done.length + takenOver;
    ok = !failed;
    // The next ones would fare no better. A message that can't be done by its own fault says nothing of them.
    if (failed) break;
  }
  parts.counters.unacked += messages.length - settled;
  return ok;
}

/** Cut so that what was handled is acked before its hiding time is over, though each message carries a thousand orders. */
function batches(messages: readonly ReceivedMessage[]): ReceivedMessage[][] {
  const cut: ReceivedMessage[][] = [];
  let bytes = BATCH_BYTES;
  for (const message of messages) {
    if (bytes >= BATCH_BYTES) {
      cut.push([]);
      bytes = 0;
    }
    cut.at(-1)?.push(message);
    bytes += message.body.length;
  }
  return cut;
}

async function receive(
  {
    subscriber,
    gate,
    maxMessages,
    invisibleMs,
    waitMs = RECEIVE_WAIT_MS,
    onReceiveFailed,
    logger,
  }: Omit<ReceiveLoopParts, 'handle' | 'onLeft'>,
  signal: AbortSignal,
): Promise<ReceivedMessage[] | undefined> {
  try {
    return await subscriber.receive({
      maxMessages,
      invisibleMs,
      waitMs,
      signal: AbortSignal.any([signal, gate.closing]),
    });
  } catch (error) {
    if (signal.aborted) return [];
    const code = error instanceof BrokerError ? error.code : undefined;
    logger.warn({ err: error, code }, 'receive failed');
    onReceiveFailed?.(error);
    return undefined;
  }
}

/** The messages that may be acked, and whether something failed that speaks of more than a message. */
async function handle<Result extends HandledDelivery>(
  parts: ReceiveLoopParts<Result>,
  messages: readonly ReceivedMessage[],
  hiddenUntilMs: number,
): Promise<{ done: readonly ReceivedMessage[]; takenOver: number; failed: boolean }> {
  try {
    const handled = await parts.handle(messages.map(toDelivery), messages);
    for (const [index, one] of handled.entries()) {
      const message = messages[index];
      if (message && !one.done && !one.takenOver) parts.onLeft?.(message, one, hiddenUntilMs);
    }
    return {
      done: messages.filter((_, index) => handled[index]?.done),
      takenOver: handled.filter(({ takenOver }) => takenOver).length,
      failed: handled.some(({ unpublished }) => unpublished),
    };
  } catch (error) {
    const kind = failureKind(error);
    if (mayBeOutage(error)) parts.reportOutage(error);
    parts.logger.error({ err: error, kind, messages: messages.length }, 'messages left for redelivery');
    return { done: [], takenOver: 0, failed: true };
  }
}

async function ack(
  { subscriber, logger }: Pick<ReceiveLoopParts, 'subscriber' | 'logger'>,
  messages: readonly ReceivedMessage[],
) {
  const { failed } = await subscriber.ack(messages);
  if (failed.length > 0) {
    logger.warn({ failed: failed.length }, 'acks failed: these messages come again as duplicates');
  }
}
