import { createHash } from 'node:crypto';
import type { StrangerEvent, StrangerTransaction } from '../history/history-event.js';

/** A message of a producer that isn't ours, and what may become of it. */
export interface StrangerMessage {
  /** What is odd about it, for people. */
  readonly what: string;
  /** As it is sent; unlike that of every other message. */
  readonly body: Buffer;
  /** The body is said to be gzip, whatever it is. */
  readonly saysGzip?: boolean;
  /** Default: one as our own producers make it. */
  readonly messageId?: string;
  /** Transactions that have to be applied, as they are here. */
  readonly must?: readonly StrangerTransaction[];
  /** Transactions that may be applied, but not otherwise than here. */
  readonly may?: readonly StrangerTransaction[];
  readonly letter: StrangerEvent['letter'];
}

/** Makes the parts of which messages of strangers consist; every txNo and marker is made once. */
export interface StrangerMaker {
  /** Text that no other body has. */
  marker(): string;
  /** A transaction that the stock side can serve. */
  transaction(): StrangerTransaction;
}

/** The property of every message of a stranger; the observer passes over these. */
export const STRANGER_PROPERTY = 'stranger';

/** A product that strangers order; there is enough of it for all of them. */
export const STRANGER_PRODUCT = '800001';

/** Makes a maker; `prefix` starts everything it makes. */
export function createStrangerMaker(prefix: string): StrangerMaker {
  let made = 0;
  const marker = () => {
    made += 1;
    return `${prefix}-stranger-${made}`;
  };
  return {
    marker,
    transaction: () => ({ txNo: marker(), productId: STRANGER_PRODUCT, payCount: 1 }),
  };
}

/** The entry of a body for a transaction, in the form that the contract asks for. */
export function entryOf({ txNo, productId, payCount }: StrangerTransaction, more: object = {}): object {
  return { txNo, productId, payCount, createTime: String(Date.now()), ...more };
}

/** The body of a message with one transaction. */
export function bodyOf(transaction: StrangerTransaction, more: object = {}): string {
  return JSON.stringify({ txMessage: entryOf(transaction, more) });
}

/** What the history says of a message that was published. */
export function strangerEvent(message: StrangerMessage, certain: boolean): StrangerEvent {
  const { what, body, must = [], may = [], letter } = message;
  const bodyHash = createHash('sha256').update(body).digest('hex');
  return { type: 'stranger', atMs: Date.now(), what, bodyHash, certain, must, may, letter };
}
