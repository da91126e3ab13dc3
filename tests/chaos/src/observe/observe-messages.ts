import { setTimeout as sleep } from 'node:timers/promises';
import { BrokerError, type ReceivedMessage, type Subscriber } from '@txmsg/rocketmq';
import type { DeliveryEvent, HistoryEvent } from '../history/history-event.js';
import { STRANGER_PROPERTY } from '../strangers/stranger-message.js';

/** A body that was seen on the broker. */
export interface SeenMessage {
  readonly body: Buffer;
  readonly keys: readonly string[];
}

/** Remembers some of the delivered bodies: the newest ones, and some of all times. */
export interface SeenMessages {
  add(message: SeenMessage): void;
  readonly list: readonly SeenMessage[];
}

const REMEMBERED = 300;
const WAIT_MS = 5_000;
const INVISIBLE_MS = 30_000;
const PAUSE_MS = 500;

/** Creates an empty memory; `random` gives values from 0 to 1. */
export function createSeenMessages(random: () => number): SeenMessages {
  const list: SeenMessage[] = [];
  return {
    list,
    add(message) {
      if (list.length < REMEMBERED) list.push(message);
      else list[Math.floor(random() * REMEMBERED)] = message;
    },
  };
}

/**
 * Consumes the message topic in a group of its own and writes every delivery down, until the signal is aborted. So the
 * history has what the broker delivers, whatever the stock service makes of it.
 */
export async function observeMessages(
  subscriber: Subscriber,
  seen: SeenMessages,
  write: (event: HistoryEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const messages = await subscriber.receive({
        maxMessages: 32,
        invisibleMs: INVISIBLE_MS,
        waitMs: WAIT_MS,
        signal,
      });
      for (const message of messages) {
        const delivery = readDelivery(message);
        if (!delivery) continue;
        write(delivery);
        seen.add(message);
      }
      if (messages.length > 0) await subscriber.ack(messages);
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
    }
  }
}

/** Undefined for a message that belongs to no order. */
export function readDelivery(message: ReceivedMessage): DeliveryEvent | undefined {
  if (message.properties.has(STRANGER_PROPERTY)) return undefined;
  const transactions = readTransactions(message.body.toString());
  if (!transactions) return undefined;
  const kind = message.properties.get('kind') ?? '';
  const transactionId = kind === 'half' ? (message.properties.get('transaction_id') ?? '') : '';
  return {
    type: 'delivery',
    atMs: Date.now(),
    messageId: message.messageId,
    kind,
    transactionId,
    transactions,
  };
}

interface TxMessage {
  readonly txNo: string;
  readonly productId: string;
  readonly payCount: number;
}

function readTransactions(text: string): [string, number, number][] | undefined {
  if (!text.startsWith('{')) return undefined;
  const { txMessage, txMessages } = JSON.parse(text) as { txMessage?: TxMessage; txMessages?: TxMessage[] };
  return [...(txMessage ? [txMessage] : []), ...(txMessages ?? [])].map(({ txNo, productId, payCount }) => [
    txNo,
    Number(productId),
    payCount,
  ]);
}
