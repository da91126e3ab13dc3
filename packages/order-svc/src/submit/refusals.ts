import { TxmsgError } from '@txmsg/core';

/** Half a second to one and a half: those who are refused together don't return together. */
const retryDelayMs = () => 500 + Math.random() * 1_000;

/** The tx_no holds another content. */
export function alreadyExists(txNo: string): TxmsgError {
  return new TxmsgError('ALREADY_EXISTS', 'tx_no exists with another product_id or pay_count', {
    info: { reason: 'TX_NO_CONTENT_MISMATCH', metadata: { tx_no: txNo } },
  });
}

/** The queue of orders that wait for their group is full. */
export function queueFull(length: number): TxmsgError {
  return new TxmsgError('RESOURCE_EXHAUSTED', 'too many orders are waiting to be written', {
    retryDelayMs: retryDelayMs(),
    info: { reason: 'QUEUE_FULL', metadata: { queued: String(length) } },
  });
}

/** Every connection to the database is in use, and has been for as long as one may wait. */
export function tooBusy(cause: unknown): TxmsgError {
  return new TxmsgError('RESOURCE_EXHAUSTED', 'too many calls are waiting for the order database', {
    cause,
    retryDelayMs: retryDelayMs(),
    info: { reason: 'DATABASE_CONNECTIONS_IN_USE' },
  });
}

/** The caller may try again with this tx_no: it is the same order if it was written after all. */
export function unavailable(txNo: string, cause?: unknown): TxmsgError {
  return new TxmsgError(
    'UNAVAILABLE',
    'the order database cannot be reached; try again with the same tx_no',
    {
      cause,
      retryDelayMs: retryDelayMs(),
      info: { reason: 'ORDER_DATABASE_UNAVAILABLE', metadata: { tx_no: txNo } },
    },
  );
}
