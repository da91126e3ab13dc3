import { TxmsgError } from '@txmsg/core';

/** How a service speaks of its database and of what it accepts. */
export interface RefusalWords {
  /** As in `the order database cannot be reached`, and in the reason `ORDER_DATABASE_UNAVAILABLE`. */
  readonly database: string;
  /** As in `too many orders are waiting to be written`. */
  readonly items: string;
  /** What differs under an existing tx_no, as in `another product_id or pay_count`. */
  readonly otherContent: string;
}

/** Why a transaction is refused. */
export interface Refusals {
  /** The tx_no holds another content. */
  alreadyExists(txNo: string): TxmsgError;
  /** The queue of those that wait for their group is full. */
  queueFull(length: number): TxmsgError;
  /** Every connection to the database is in use, and has been for as long as one may wait. */
  tooBusy(cause: unknown): TxmsgError;
  /** The caller may try again with this tx_no: it is the same transaction if it was written after all. */
  unavailable(txNo: string, cause?: unknown): TxmsgError;
}

/** Half a second to one and a half: those who are refused together don't return together. */
const retryDelayMs = () => 500 + Math.random() * 1_000;

/** Makes the refusals of a service. */
export function createRefusals({ database, items, otherContent }: RefusalWords): Refusals {
  const unavailableReason = `${database.toUpperCase().replaceAll(' ', '_')}_DATABASE_UNAVAILABLE`;
  return {
    alreadyExists: (txNo) =>
      new TxmsgError('ALREADY_EXISTS', `tx_no exists with ${otherContent}`, {
        info: { reason: 'TX_NO_CONTENT_MISMATCH', metadata: { tx_no: txNo } },
      }),
    queueFull: (length) =>
      new TxmsgError('RESOURCE_EXHAUSTED', `too many ${items} are waiting to be written`, {
        retryDelayMs: retryDelayMs(),
        info: { reason: 'QUEUE_FULL', metadata: { queued: String(length) } },
      }),
    tooBusy: (cause) =>
      new TxmsgError('RESOURCE_EXHAUSTED', `too many calls are waiting for the ${database} database`, {
        cause,
        retryDelayMs: retryDelayMs(),
        info: { reason: 'DATABASE_CONNECTIONS_IN_USE' },
      }),
    unavailable: (txNo, cause) =>
      new TxmsgError(
        'UNAVAILABLE',
        `the ${database} database cannot be reached; try again with the same tx_no`,
        {
          cause,
          retryDelayMs: retryDelayMs(),
          info: { reason: unavailableReason, metadata: { tx_no: txNo } },
        },
      ),
  };
}
