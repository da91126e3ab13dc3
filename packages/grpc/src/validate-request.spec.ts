import { create } from '@bufbuild/protobuf';
import { createValidator } from '@bufbuild/protovalidate';
import { SubmitOrderRequestSchema } from '@txmsg/contracts/order';
import { PrepareTransactionRequestSchema } from '@txmsg/contracts/relay';
import { describe, expect, it } from 'vitest';
import { createPatternMatcher } from './validate-request.js';

describe('the pattern matcher', () => {
  const ours = createValidator({ regexMatch: createPatternMatcher() });
  const theirs = createValidator();
  const texts = [
    '',
    'a',
    'A-9_.:',
    'a b',
    'a\n',
    '\n',
    'ä',
    '😀',
    'a\u2028',
    '.*',
    'x'.repeat(64),
    'x'.repeat(65),
  ];

  it.each(texts)("says of the tx_no %j what the library's own engine says", (txNo) => {
    const message = create(SubmitOrderRequestSchema, { productId: 1n, payCount: 1, txNo });
    const verdict = ours.validate(SubmitOrderRequestSchema, message);
    expect(verdict.kind).toBe(theirs.validate(SubmitOrderRequestSchema, message).kind);
    expect(verdict.kind).not.toBe('error');
  });
  it.each(texts)('says the same of %j in each field of a half message', (text) => {
    const message = create(PrepareTransactionRequestSchema, {
      participant: text,
      transactionId: text,
      topic: text,
      body: new Uint8Array(1),
      txNos: [text],
      createTime: {},
    });
    const fields = (validator: typeof ours) =>
      validator
        .validate(PrepareTransactionRequestSchema, message)
        .violations?.map(({ field }) => field.length);
    expect(fields(ours)).toEqual(fields(theirs));
  });
});
