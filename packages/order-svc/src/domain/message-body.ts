/** One transaction as it stands in a message: see `txmsg.message.v1.TxMessage`. */
export interface TxMessage {
  readonly txNo: string;
  readonly productId: bigint;
  readonly payCount: number;
  /** Database time, milliseconds since the epoch. */
  readonly createTimeMs: number;
}

/**
 * The message body of a group: `txmsg.message.v1.TransactionEnvelope` in the protobuf JSON mapping, whose 64-bit numbers are
 * strings. Written by hand since the general encoder costs several times as much an order; a test holds the two equal.
 */
export function encodeMessageBody(messages: readonly TxMessage[]): Buffer {
  const [first] = messages;
  const json =
    messages.length === 1 && first ? { txMessage: toJson(first) } : { txMessages: messages.map(toJson) };
  return Buffer.from(JSON.stringify(json));
}

function toJson({ txNo, productId, payCount, createTimeMs }: TxMessage) {
  return { productId: productId.toString(), payCount, txNo, createTime: String(createTimeMs) };
}
