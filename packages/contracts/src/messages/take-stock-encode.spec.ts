import { create, toJson } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { TransactionEnvelopeSchema } from '../gen/txmsg/message/v1/message_pb.js';
import type { TransactionMessage } from './message-type.js';
import { takeStock } from './take-stock.js';
import type { TakeStock } from './take-stock-rules.js';

type TxMessage = TransactionMessage<TakeStock>;
const { codec, content, book } = takeStock('topic_txmsg');

const a: TxMessage = {
  txNo: 'a',
  createTimeMs: 1_700_000_000_123,
  message: { productId: 9_007_199_254_740_993n, payCount: 2 },
};
const b: TxMessage = { txNo: 'b:_.-', createTimeMs: 1, message: { productId: 1n, payCount: 1_000_000 } };

/** The general encoder's result, which the fast one must equal. */
function protobufJson(messages: readonly TxMessage[]): unknown {
  const txMessages = messages.map(({ createTimeMs, message, txNo }) => ({
    ...message,
    txNo,
    createTime: BigInt(createTimeMs),
  }));
  const [first] = txMessages;
  const init = txMessages.length === 1 && first ? { txMessage: first } : { txMessages };
  return toJson(TransactionEnvelopeSchema, create(TransactionEnvelopeSchema, init));
}

describe('takeStock', () => {
  it.each([
    { name: 'one', messages: [a] },
    { name: 'several', messages: [a, b, a] },
  ])('equals the protobuf JSON mapping for $name', ({ messages }) => {
    expect(JSON.parse(codec.encode(messages).toString())).toEqual(protobufJson(messages));
  });

  it('keeps to the format of single messages for a group of one', () => {
    expect(codec.encode([b]).toString()).toBe(
      '{"txMessage":{"productId":"1","payCount":1000000,"txNo":"b:_.-","createTime":"1"}}',
    );
  });

  it('reads a message that was kept, and nothing else', () => {
    expect(codec.read(codec.write(a.message))).toEqual(a.message);
    expect(() => codec.read('{"productId":1,"payCount":2}')).toThrow(TypeError);
  });

  it('tells the books and dedupe what is taken', () => {
    expect(content(a.message)).toBe('9007199254740993x2');
    expect(book(b.message)).toEqual([{ account: 'product/1', amount: 1_000_000n }]);
  });
});
