import { defineMessage } from './define-message.js';
import type { DecodedBody, MessageCodec, MessageType, TransactionMessage } from './message-type.js';
import { createBodyReader, MAX_ENTRIES } from './read-body.js';
import type { EntryForm, EntryReader } from './read-entry.js';
import { scanTakeStock } from './scan-take-stock.js';
import { TAKE_STOCK, type TakeStock, takeStockFaults } from './take-stock-rules.js';

/** Takes pieces of a product from stock; travels as a flat `txmsg.message.v1.TransactionEnvelope`. */
export function takeStock(topic: string): MessageType<TakeStock> {
  return defineMessage({
    type: TAKE_STOCK,
    topic,
    codec: takeStockCodec,
    content: ({ productId, payCount }) => `${productId}x${payCount}`,
    book: ({ productId, payCount }) => [{ account: `product/${productId}`, amount: BigInt(payCount) }],
  });
}

/**
 * Writes a TransactionEnvelope in the protobuf JSON mapping, whose 64-bit numbers are strings. Reads any form of it
 * exactly: integers may be numbers or strings, unknown fields are ignored, and whatever can't be read to the last digit
 * is a fault. Written by hand, since the general codec costs several times as much per order; tests hold the two equal.
 */
export const takeStockCodec: MessageCodec<TakeStock> = {
  encode(entries) {
    const [first] = entries;
    const json =
      entries.length === 1 && first ? { txMessage: toJson(first) } : { txMessages: entries.map(toJson) };
    return Buffer.from(JSON.stringify(json));
  },
  decode: (text, bornTimeMs) => readPlainBody(text, bornTimeMs) ?? readTakeStock(text, bornTimeMs),
  write: ({ productId, payCount }) => JSON.stringify({ productId: productId.toString(), payCount }),
  read(json) {
    const { productId, payCount } = JSON.parse(json) as Record<keyof TakeStock, unknown>;
    if (typeof productId !== 'string' || typeof payCount !== 'number') {
      throw new TypeError('this is no TakeStock message');
    }
    return { productId: BigInt(productId), payCount };
  },
};

function toJson({ txNo, createTimeMs, message: { productId, payCount } }: TransactionMessage<TakeStock>) {
  return { productId: productId.toString(), payCount, txNo, createTime: String(createTimeMs) };
}

/** Reads the bodies of our participants without making a tree; undefined for others, and for any with a fault. */
function readPlainBody(text: string, bornTimeMs: number): DecodedBody<TakeStock> | undefined {
  const scanned = scanTakeStock(text, MAX_ENTRIES);
  if (!scanned) return undefined;
  for (const transaction of scanned) {
    if (transaction.createTimeMs === 0) transaction.createTimeMs = bornTimeMs;
    if (takeStockFaults(transaction).length > 0) return undefined;
  }
  return { transactions: scanned, faults: [] };
}

const FLAT_ENTRY: EntryForm<TakeStock> = {
  names: ['productId', 'payCount', 'txNo', 'createTime'],
  marks: ['productId'],
  // A value that can't be read is told. Its stand-in passes the rules.
  read(fields: EntryReader, bornTimeMs) {
    const message = {
      productId: fields.integer('productId') ?? 1n,
      payCount: Number(fields.integer('payCount') ?? 1),
    };
    const txNo = fields.text('txNo') ?? '-';
    const createTimeMs = Number(fields.integer('createTime', 0n) ?? bornTimeMs) || bornTimeMs;
    const transaction = { txNo, createTimeMs, message, type: TAKE_STOCK };
    for (const fault of takeStockFaults(transaction)) fields.tell(fault);
    return transaction;
  },
};

/** Reads a TransactionEnvelope in any form: the codec's way for bodies that aren't in ours. */
export const readTakeStock = createBodyReader(FLAT_ENTRY);
