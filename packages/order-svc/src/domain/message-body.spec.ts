import { create, toJson } from '@bufbuild/protobuf';
import { TransactionEnvelopeSchema } from '@txmsg/contracts/message';
import { describe, expect, it } from 'vitest';
import { encodeMessageBody, type TxMessage } from './message-body.js';

const a: TxMessage = {
  txNo: 'a',
  productId: 9_007_199_254_740_993n,
  payCount: 2,
  createTimeMs: 1_700_000_000_123,
};
const b: TxMessage = { txNo: 'b:_.-', productId: 1n, payCount: 1_000_000, createTimeMs: 1 };

/** The general encoder's result, which the fast one must equal. */
function protobufJson(messages: readonly TxMessage[]): unknown {
  const txMessages = messages.map(({ createTimeMs, ...rest }) => ({
    ...rest,
    createTime: BigInt(createTimeMs),
  }));
  const [first] = txMessages;
  const init = txMessages.length === 1 && first ? { txMessage: first } : { txMessages };
  return toJson(TransactionEnvelopeSchema, create(TransactionEnvelopeSchema, init));
}

describe('encodeMessageBody', () => {
  it.each([
    { name: 'one', messages: [a] },
    { name: 'several', messages: [a, b, a] },
  ])('equals the protobuf JSON mapping for $name', ({ messages }) => {
    expect(JSON.parse(encodeMessageBody(messages).toString())).toEqual(protobufJson(messages));
  });

  it('keeps to the format of single messages for a group of one', () => {
    expect(encodeMessageBody([b]).toString()).toBe(
      '{"txMessage":{"productId":"1","payCount":1000000,"txNo":"b:_.-","createTime":"1"}}',
    );
  });
});
