import { fromJsonString } from '@bufbuild/protobuf';
import { TransactionEnvelopeSchema } from '@txmsg/contracts/message';
import { describe, expect, it } from 'vitest';
import { decodeBody } from './decode-body.js';

const BORN = 1_700_000_000_000;

function decode(body: string | Uint8Array) {
  return decodeBody(typeof body === 'string' ? Buffer.from(body) : body, BORN);
}

const one = { txNo: 'a', productId: 1n, payCount: 2, createTimeMs: BORN };

describe('decodeBody', () => {
  it.each([
    '{"txMessage":{"productId":"1","payCount":2,"txNo":"a"}}',
    '{"txMessage":{"productId":1,"payCount":2,"txNo":"a"}}',
    '{"txMessage":{"productId":1,"payCount":"2","txNo":"a","createTime":null}}',
    '{"txMessage":{"createTime":0,"payCount":2,"productId":"1","txNo":"a"}}',
    '{"txMessage":{"productId":1.0,"payCount":2e0,"txNo":"a"},"extra":{"b":1}}',
    '{"tx_message":{"product_id":1,"pay_count":2,"tx_no":"a","unknown":[1]}}',
    '{"txMessages":[{"productId":1,"payCount":2,"txNo":"a"}]}',
    '{"txMessage":null,"txMessages":[{"productId":1,"payCount":2,"txNo":"a"}]}',
  ])('reads %s', (body) => {
    expect(decode(body)).toEqual({ transactions: [one], faults: [] });
  });

  it.each(['1700000000123', '"1700000000123"'])('takes the create time %s from the body', (time) => {
    const { transactions } = decode(
      `{"txMessage":{"productId":1,"payCount":2,"txNo":"a","createTime":${time}}}`,
    );
    expect(transactions[0]?.createTimeMs).toBe(1_700_000_000_123);
  });

  it('keeps every digit of a long that a Java producer writes as a number', () => {
    const { transactions } = decode(
      '{"txMessages":[{"productId":9223372036854775807,"payCount":1,"txNo":"a"},{"productId":1,"payCount":2,"txNo":"b"}]}',
    );
    expect(transactions.map(({ productId }) => productId)).toEqual([9_223_372_036_854_775_807n, 1n]);
  });

  it('says the same as the protobuf JSON mapping of the whole envelope', () => {
    const body = JSON.stringify({
      txMessages: Array.from({ length: 50 }, (_, index) => ({
        productId: index % 2 ? index + 1 : String(10n ** 17n + BigInt(index)),
        payCount: index % 3 ? index + 1 : String(index + 1),
        txNo: `t-${index}`,
        createTime: index % 5 ? String(BORN + index) : BORN + index,
      })),
    });
    const { txMessages } = fromJsonString(TransactionEnvelopeSchema, body);
    expect(decode(body).transactions).toEqual(
      txMessages.map(({ productId, payCount, txNo, createTime }) => ({
        productId,
        payCount,
        txNo,
        createTimeMs: Number(createTime),
      })),
    );
  });

  it.each([
    ['', 'NOT_JSON'],
    ['hello', 'NOT_JSON'],
    ['{"txMessage":', 'NOT_JSON'],
    [Buffer.from([0x22, 0xff, 0x22]), 'NOT_JSON'],
    ['null', 'NO_TRANSACTION'],
    ['[]', 'NO_TRANSACTION'],
    ['"text"', 'NO_TRANSACTION'],
    ['{}', 'NO_TRANSACTION'],
    ['{"txMessages":[]}', 'NO_TRANSACTION'],
    ['{"txMessage":"a"}', 'INVALID_FIELD'],
    ['{"txMessage":{}}', 'INVALID_FIELD'],
    ['{"txMessages":[null]}', 'INVALID_FIELD'],
    ['{"txMessages":{"txNo":"a"}}', 'INVALID_FIELD'],
    ['{"txMessage":{"productId":0,"payCount":2,"txNo":"a"}}', 'INVALID_FIELD'],
    ['{"txMessage":{"productId":1,"payCount":-500,"txNo":"a"}}', 'INVALID_FIELD'],
    ['{"txMessage":{"productId":1,"payCount":1.5,"txNo":"a"}}', 'INVALID_FIELD'],
    ['{"txMessage":{"productId":9223372036854775808,"payCount":1,"txNo":"a"}}', 'INVALID_FIELD'],
    ['{"txMessage":{"productId":1,"payCount":3000000000,"txNo":"a"}}', 'INVALID_FIELD'],
    ['{"txMessage":{"productId":1,"payCount":2,"txNo":"ä"}}', 'INVALID_FIELD'],
    ['{"txMessage":{"productId":1,"payCount":2,"txNo":7}}', 'INVALID_FIELD'],
    ['{"txMessage":{"productId":"x","payCount":2,"txNo":"a"}}', 'INVALID_FIELD'],
    ['{"txMessage":{"productId":1,"payCount":2,"txNo":"a","createTime":"yesterday"}}', 'INVALID_FIELD'],
    ['{"txMessage":{"productId":1,"payCount":2,"txNo":"a","createTime":-5}}', 'INVALID_FIELD'],
  ])('refuses %s', (body, reason) => {
    const { transactions, faults } = decode(body);
    expect(transactions).toEqual([]);
    expect(faults.map((one) => one.reason)).toEqual([reason]);
  });

  it('reads the neighbours of a bad entry, and its txNo if it has one', () => {
    const { transactions, faults } = decode(
      '{"txMessages":[{"productId":1,"payCount":2,"txNo":"a"},{"productId":1,"payCount":0,"txNo":"b"},{"tx_no":"c","payCount":{}}]}',
    );
    expect(transactions).toEqual([one]);
    expect(faults.map(({ txNo }) => txNo)).toEqual(['b', 'c']);
  });
});
