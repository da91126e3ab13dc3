import { createHash } from 'node:crypto';
import type { StrangerEvent, StrangerTransaction } from '../history/history-event.js';

/** A stranger's message, and what may become of it. */
export interface StrangerMessage {
  /** What is odd about it, for people. */
  readonly what: string;
  /** The bytes to send. They differ from those of every other message. */
  readonly body: Buffer;
  /** The body is labelled gzip, whatever it is. */
  readonly saysGzip?: boolean;
  /** Default: one as our own producers make it. */
  readonly messageId?: string;
  /** Transactions that must be applied, exactly as they are here. */
  readonly must?: readonly StrangerTransaction[];
  /** Transactions that may be applied, but only as they are here. */
  readonly may?: readonly StrangerTransaction[];
  readonly letter: StrangerEvent['letter'];
}

/** Creates the parts of strangers' messages. Every txNo and marker is used once. */
export interface StrangerMaker {
  /** Text that no other body has. */
  marker(): string;
  /** A transaction that the stock side can serve. */
  transaction(): StrangerTransaction;
}

/** The property of every stranger's message; the observer skips these. */
export const STRANGER_PROPERTY = 'stranger';

/** A product that strangers order. There is enough of it for all of them. */
export const STRANGER_PRODUCT = '800001';

/** Creates a maker; `prefix` starts everything it makes. */
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

/** The history's entry for a published message. */
export function strangerEvent(message: StrangerMessage, certain: boolean): StrangerEvent {
  const { what, body, must = [], may = [], letter } = message;
  const bodyHash = createHash('sha256').update(body).digest('hex');
  return { type: 'stranger', atMs: Date.now(), what, bodyHash, certain, must, may, letter };
}
