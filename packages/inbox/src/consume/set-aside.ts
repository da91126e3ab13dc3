import { backoffDelayMs, createWaiters, type Logger, sleep } from '@txmsg/core';
import type { ReceivedMessage, Subscriber } from '@txmsg/rocketmq';
import { failureKind, mayBeOutage } from '../store/failure-kind.js';
import type { Counters } from './counters.js';
import type { DecodedDelivery } from './delivery.js';
import type { Handled } from './handle-deliveries.js';

/** Messages whose transactions wait for rows that somebody else keeps locked. */
export interface SetAside {
  /**
   * Keeps what is left of a message, to try it again until its hiding time is over; after that it comes again anyway.
   * Passes over a message that waits for nothing else than locks, and any when there is no room.
   *
   * @param hiddenUntilMs on the clock of `performance.now()`
   */
  add(message: ReceivedMessage, handled: Handled, hiddenUntilMs: number): void;
  /** Tries them again, with pauses, until the abort. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  readonly size: number;
}

/** What trying again works with. */
export interface SetAsideParts {
  readonly subscriber: Pick<Subscriber, 'ack'>;
  readonly handle: (deliveries: readonly DecodedDelivery[]) => Promise<readonly Handled[]>;
  readonly reportOutage: (error: unknown) => void;
  readonly counters: Counters;
  readonly logger: Logger;
}

interface Waiting extends DecodedDelivery {
  readonly message: ReceivedMessage;
  readonly hiddenUntilMs: number;
}

const MAX_MESSAGES = 256;
const MAX_TRANSACTIONS = 10_000;
const MAX_BYTES = 16 * 1024 * 1024;
/** Between two tries; which of the rows are looked at again is decided by their own backoff. */
const PAUSE = { initialMs: 100, maxMs: 500 };
/** For the local transaction, the outcome and the ack, before others get the message. */
const MARGIN_MS = 4_000;

/** Makes a place for 256 messages with 10,000 transactions and 16 MiB at most. */
export function createSetAside(parts: SetAsideParts): SetAside {
  let waiting: Waiting[] = [];
  // Those of the present try: they take room until it is known which of them still wait.
  let trying: readonly Waiting[] = [];
  const waiters = createWaiters();
  return {
    get size() {
      return waiting.length + trying.length;
    },
    add(message, handled, hiddenUntilMs) {
      const decoded = leftOf(handled);
      if (decoded === undefined || !hasRoom([...waiting, ...trying], message, decoded)) return;
      // No first delivery any more: how long it takes from here on says nothing about the backlog.
      const delivery = { ...handled.delivery, attempt: Math.max(2, handled.delivery.attempt) };
      waiting.push({ message, delivery, decoded, hiddenUntilMs });
      waiters.wake();
    },
    async run(signal) {
      for (let tries = 1; !signal.aborted; tries += 1) {
        if (waiting.length === 0) {
          tries = 1;
          await waiters.wait(signal);
        }
        await sleep(backoffDelayMs(tries, PAUSE), signal);
        if (signal.aborted) return;
        trying = waiting.filter(({ hiddenUntilMs }) => hiddenUntilMs - MARGIN_MS > performance.now());
        waiting = [];
        const left = await tryAgain(parts, trying);
        trying = [];
        waiting.push(...left);
      }
    },
  };
}

/** The transactions that wait for locks; undefined when something else is wrong, too, which the redelivery decides. */
function leftOf({
  decoded,
  result,
  judgement,
  unpublished,
}: Handled): DecodedDelivery['decoded'] | undefined {
  if (!judgement.blocked || unpublished || result.failure !== undefined) return undefined;
  const kinds = new Set(result.applied.map(({ disposition }) => disposition.kind));
  if (kinds.has('mismatch') || kinds.has('other-participant')) return undefined;
  const blocked = result.applied.filter(({ disposition }) => disposition.kind === 'blocked');
  return { ...decoded, transactions: blocked.map(({ transaction }) => transaction) };
}

function hasRoom(
  kept: readonly Waiting[],
  message: ReceivedMessage,
  { transactions }: DecodedDelivery['decoded'],
): boolean {
  let bytes = message.body.length;
  let count = transactions.length;
  for (const one of kept) {
    bytes += one.message.body.length;
    count += one.decoded.transactions.length;
  }
  return kept.length < MAX_MESSAGES && count <= MAX_TRANSACTIONS && bytes <= MAX_BYTES;
}

/** Handles them and acks what is done; gives those that still wait. */
async function tryAgain(parts: SetAsideParts, some: readonly Waiting[]): Promise<Waiting[]> {
  if (some.length === 0) return [];
  try {
    const handled = await parts.handle(some);
    const done = some.filter((_, index) => handled[index]?.done).map(({ message }) => message);
    if (done.length > 0) await parts.subscriber.ack(done);
    parts.counters.unacked -= done.length;
    return some.flatMap((one, index) => {
      const result = handled[index];
      const decoded = result && leftOf(result);
      return result?.done || decoded === undefined ? [] : [{ ...one, decoded }];
    });
  } catch (error) {
    const kind = failureKind(error);
    if (mayBeOutage(error)) parts.reportOutage(error);
    parts.logger.warn({ err: error, kind, messages: some.length }, 'messages set aside left for redelivery');
    return [];
  }
}
