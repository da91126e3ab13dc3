import { transactionFaults } from '../domain/transaction-rules.js';
import type { DecodedBody } from './decoded-body.js';
import type { Delivery } from './delivery.js';
import { MAX_ENTRIES, mentionedTxNos, readBody, refused } from './read-body.js';
import { scanBody } from './scan-body.js';

/** The largest body that is looked at; a broker takes 4 MiB, and no more is unpacked. */
const MAX_BYTES = 4 * 1024 * 1024;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Decodes a delivery's body, or tells why it could not even be opened. */
export function decodeDelivery({ body, unreadable, bornTimeMs }: Delivery, receivedMs: number): DecodedBody {
  return unreadable
    ? refused(unreadable.code, unreadable.detail)
    : decodeBody(body, bornTimeMs || receivedMs);
}

/**
 * Reads a TransactionEnvelope in the protobuf JSON mapping, exactly: unknown fields are ignored, integers may be numbers or
 * strings, and what can't be read to the last digit is a fault. Bounded by construction: 4 MiB, 100,000 values, 10,000
 * entries. Never throws.
 *
 * @param bornTimeMs stands in for a missing create time
 */
export function decodeBody(body: Uint8Array, bornTimeMs: number): DecodedBody {
  if (body.length > MAX_BYTES) {
    return refused('BODY_TOO_LARGE', `${body.length} bytes, at most ${MAX_BYTES}`);
  }
  const text = textOf(body);
  if (text === undefined) {
    const latin1 = Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1');
    return refused('NOT_JSON', `the body is no UTF-8${mentionedTxNos(latin1)}`);
  }
  return readPlainBody(text, bornTimeMs) ?? readBody(text, bornTimeMs);
}

/** Reads the bodies of our participants without a tree; undefined for any other, and where something is wrong. */
function readPlainBody(text: string, bornTimeMs: number): DecodedBody | undefined {
  const scanned = scanBody(text, MAX_ENTRIES);
  if (!scanned) return undefined;
  for (const transaction of scanned) {
    if (transaction.createTimeMs === 0) transaction.createTimeMs = bornTimeMs;
    if (transactionFaults(transaction).length > 0) return undefined;
  }
  return { transactions: scanned, faults: [] };
}

function textOf(body: Uint8Array): string | undefined {
  try {
    return utf8.decode(body);
  } catch {
    return undefined;
  }
}
