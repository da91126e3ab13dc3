import { create, fromJsonString } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { Outcome, TxResultSchema, TypedEnvelopeSchema } from '../gen/txmsg/message/v1/message_pb.js';
import { LedgerEntrySchema, LedgerTotalSchema } from '../gen/txmsg/participant/v1/ledger_pb.js';
import { createBodyDecoder } from './decode-body.js';
import { defineMessage } from './define-message.js';
import { takeStock } from './take-stock.js';

const BORN = 1_700_000_000_000;
const TIME = 1_700_000_000_123;
// Any protobuf message can be a payload; these have an int64, an enum, rules and a nested message.
const total = defineMessage({ type: 'Total', topic: 't', schema: LedgerTotalSchema });
const result = defineMessage({ type: 'Result', topic: 't', schema: TxResultSchema });
const flat = takeStock('t');
const message = create(LedgerTotalSchema, { account: 'a', applied: 9_007_199_254_740_993n });
const entry = (fields: object) => ({
  txNo: 'a',
  createTime: String(TIME),
  type: 'Total',
  payload: {},
  ...fields,
});
const body = (...txMessages: unknown[]) => Buffer.from(JSON.stringify({ txMessages }));
const decode = createBodyDecoder<unknown>([total, result]);

describe('the general envelope', () => {
  it('is the protobuf JSON mapping of TypedEnvelope', () => {
    const bytes = total.codec.encode([{ txNo: 'a', createTimeMs: TIME, message }]);
    expect(bytes.toString()).toBe(
      `{"txMessages":[{"txNo":"a","createTime":"${TIME}","type":"Total","payload":{"account":"a","applied":"9007199254740993"}}]}`,
    );
    const [typed] = fromJsonString(TypedEnvelopeSchema, bytes.toString()).txMessages;
    expect(typed).toMatchObject({
      txNo: 'a',
      createTime: BigInt(TIME),
      type: 'Total',
      payload: { account: 'a', applied: '9007199254740993' },
    });
  });

  it('gives back what was put in', () => {
    const entries = ['a', 'b'].map((txNo) => ({ txNo, createTimeMs: TIME, message }));
    const expected = { transactions: entries.map((one) => ({ ...one, type: 'Total' })), faults: [] };
    const bytes = total.codec.encode(entries);
    expect(total.codec.decode(bytes.toString(), BORN)).toEqual(expected);
    expect(decode(bytes, BORN)).toEqual(expected);
    expect(decode(bytes, BORN, 'Total')).toEqual(expected);
    expect(total.codec.read(total.codec.write(message))).toEqual(message);
  });

  it('carries several types, and one that is not known is a fault that a later version can replay', () => {
    const { transactions, faults } = decode(
      body(entry({ payload: { applied: 1 } }), entry({ txNo: 'b', type: 'New' }), {
        ...entry({ txNo: 'c', type: 'Result' }),
        payload: { txNo: 'x', outcome: 'APPLIED' },
      }),
      BORN,
    );
    expect(transactions.map(({ txNo, type }) => [txNo, type])).toEqual([
      ['a', 'Total'],
      ['c', 'Result'],
    ]);
    expect(faults).toEqual([
      { reason: 'UNKNOWN_TYPE', detail: 'txMessages[1]: type: "New" is not known here', txNo: 'b' },
    ]);
  });

  it('takes the type of an entry that names none from the property', () => {
    const untyped = body({ ...entry({}), type: undefined });
    expect(decode(untyped, BORN, 'Total').transactions).toMatchObject([{ type: 'Total' }]);
    expect(decode(untyped, BORN).faults).toEqual([
      { reason: 'INVALID_FIELD', detail: 'txMessages[0]: type: is missing', txNo: 'a' },
    ]);
    expect(decode(untyped, BORN, 'New').faults).toMatchObject([{ reason: 'UNKNOWN_TYPE', txNo: 'a' }]);
  });

  it.each([
    ['a number beyond the doubles', '9223372036854775807', 9_223_372_036_854_775_807n],
    ['such a number with an exponent', '9007199254740993e0', 9_007_199_254_740_993n],
    ['text', '"9007199254740993"', 9_007_199_254_740_993n],
    ['a small number', '12', 12n],
  ])('keeps every digit of %s in a payload', (_, source, applied) => {
    const text = `{"txMessages":[{"txNo":"a","createTime":${TIME},"type":"Total","payload":{"applied":${source}}}]}`;
    expect(decode(Buffer.from(text), BORN).transactions).toMatchObject([{ message: { applied } }]);
  });

  it('takes the birth of the message for a create time that is missing', () => {
    const { transactions } = decode(body({ ...entry({}), createTime: undefined }), BORN);
    expect(transactions).toMatchObject([{ createTimeMs: BORN }]);
  });

  it.each([
    ['no payload', { payload: undefined }, 'payload: is missing'],
    ['a payload that is text', { payload: '{}' }, 'payload: "{}" must be an object'],
    ['a payload with a wrong field', { payload: { applied: 'x' } }, 'payload: '],
    ['a payload that breaks the rules of its schema', { type: 'Result', payload: { txNo: '' } }, 'payload: '],
    ['a wrong create time', { createTime: 1_700_000_000 }, 'createTime: '],
    ['another spelling of a field', { Payload: {}, payload: undefined }, '"Payload" is not its name'],
  ])('tells of %s, with the txNo', (_, fields, detail) => {
    const { transactions, faults } = decode(body(entry(fields), entry({ txNo: 'b' })), BORN);
    expect(transactions).toMatchObject([{ txNo: 'b' }]);
    expect(faults).toEqual([{ reason: 'INVALID_FIELD', detail: expect.stringContaining(detail), txNo: 'a' }]);
  });

  it('tells of a name that stands twice in a payload', () => {
    const text = `{"txMessages":[{"txNo":"a","type":"Total","payload":{"applied":1,"applied":2}}]}`;
    expect(decode(Buffer.from(text), BORN).faults).toEqual([
      {
        reason: 'INVALID_FIELD',
        detail: 'txMessages[0]: payload: a name stands twice in one object',
        txNo: 'a',
      },
    ]);
  });
});

describe('a topic with a flat form and the general one', () => {
  const mixed = createBodyDecoder<unknown>([total, flat]);
  const take = { txNo: 'a', createTimeMs: TIME, message: { productId: 1n, payCount: 2 } };

  it('reads each by its form', () => {
    const general = total.codec.encode([{ txNo: 'b', createTimeMs: TIME, message }]);
    expect(mixed(flat.codec.encode([take]), BORN).transactions).toEqual([{ ...take, type: 'TakeStock' }]);
    expect(mixed(general, BORN).transactions).toMatchObject([{ txNo: 'b', type: 'Total' }]);
  });

  it('follows the property where there is one', () => {
    expect(mixed(flat.codec.encode([take]), BORN, 'TakeStock').faults).toEqual([]);
    expect(mixed(flat.codec.encode([take]), BORN, 'Total').faults).toMatchObject([{ txNo: 'a' }]);
  });

  it('tells of a bad flat body in the words of its form', () => {
    const bad = Buffer.from('{"txMessage":{"productId":0,"payCount":1,"txNo":"a"}}');
    expect(mixed(bad, BORN).faults).toEqual([
      {
        reason: 'INVALID_FIELD',
        detail: 'txMessage: productId: must be greater than 0',
        txNo: 'a',
      },
    ]);
  });
});

describe('a flat body whose property names a type that is not known', () => {
  it('is a fault with its txNo', () => {
    const body = Buffer.from('{"txMessage":{"productId":1,"payCount":1,"txNo":"a"}}');
    expect(createBodyDecoder([flat])(body, BORN, 'GiveStock').faults).toMatchObject([
      { reason: 'UNKNOWN_TYPE', txNo: 'a' },
    ]);
  });
});

describe('content', () => {
  it('is the same whatever the order of names', () => {
    const nested = defineMessage({ type: 'Entry', topic: 't', schema: LedgerEntrySchema });
    const read = (json: string) => nested.content(nested.codec.read(json));
    expect(read('{"txNo":"a","outcome":"APPLIED","content":"x"}')).toBe(
      '{"content":"x","outcome":"APPLIED","txNo":"a"}',
    );
    expect(read('{"content":"x","txNo":"a","outcome":1}')).toBe(
      '{"content":"x","outcome":"APPLIED","txNo":"a"}',
    );
  });

  it('is a digest when it is long, another one for another message', () => {
    const contents = ['x', 'y'].map((last) =>
      result.content(
        create(TxResultSchema, { txNo: 'a', outcome: Outcome.APPLIED, reason: `${'x'.repeat(200)}${last}` }),
      ),
    );
    expect(contents[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(contents).size).toBe(2);
  });
});

describe('defineMessage', () => {
  it.each(['', 'a b', 'x'.repeat(65)])('refuses the type %j', (type) => {
    expect(() => defineMessage({ type, topic: 't', schema: LedgerTotalSchema })).toThrow(RangeError);
  });
});
