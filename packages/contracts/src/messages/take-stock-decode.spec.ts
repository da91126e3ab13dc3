import { fromJsonString } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TransactionEnvelopeSchema } from '../gen/txmsg/message/v1/message_pb.js';
import { describeFaults } from './body-fault.js';
import { createBodyDecoder } from './decode-body.js';
import type { DecodedBody } from './message-type.js';
import { readTakeStock, takeStock } from './take-stock.js';
import { flat } from './take-stock-oracle.js';
import { type TakeStock, takeStockFaults } from './take-stock-rules.js';

const BORN = 1_700_000_000_000;
const decodeTopic = createBodyDecoder([takeStock('topic_txmsg')]);

function flatBody({ transactions, faults }: DecodedBody<TakeStock>) {
  return { transactions: transactions.map(flat), faults };
}

function decodeBody(body: Uint8Array, bornTimeMs: number) {
  return flatBody(decodeTopic(body, bornTimeMs));
}

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

/** The body of one transaction, with some fields written otherwise. */
function body(fields: Readonly<Record<string, string>>): string {
  const all = { productId: '1', payCount: '2', txNo: '"a"', ...fields };
  const entry = Object.entries(all).map(([name, source]) => `${JSON.stringify(name)}:${source}`);
  return `{"txMessage":{${entry.join()}}}`;
}

describe('numbers', () => {
  it.each([
    '12345678901234567',
    '12345678901234567.0',
    '"12345678901234567"',
    '"12345678901234567.0"',
    '1.2345678901234567e16',
    '123456789012.34567e5',
    '12345678901234567000e-3',
  ])('are read to the last digit: %s', (productId) => {
    const { transactions, faults } = decode(body({ productId }));
    expect(faults).toEqual([]);
    expect(transactions.map((read) => read.productId)).toEqual([12_345_678_901_234_567n]);
  });

  it.each([
    ['productId', '1.00000000000000000001'],
    ['productId', '99999999999999.99999'],
    ['productId', '9007199254740991.4'],
    ['productId', '1e400'],
    ['productId', '9223372036854775808.0'],
    ['productId', '"1L"'],
    ['productId', '" 1"'],
    ['productId', 'true'],
    ['productId', '[1]'],
    ['payCount', '2.0000000000000001'],
    ['payCount', '1e18'],
    ['createTime', '1700000000123.5'],
  ])('are never rounded: %s %s', (field, source) => {
    const { transactions, faults } = decode(body({ [field]: source }));
    expect(transactions).toEqual([]);
    expect(faults).toEqual([
      { reason: 'INVALID_FIELD', detail: expect.stringContaining(`txMessage: ${field}: `), txNo: 'a' },
    ]);
  });

  it.each(['1700000000', '"1700000000"', '1700000000000000', '1700000000000000000', '32503680000000'])(
    'that are no time in milliseconds are told as createTime: %s',
    (createTime) => {
      for (const text of [body({ createTime }), body({ productId: '"1"', createTime })]) {
        expect(decode(text)).toEqual({
          transactions: [],
          faults: [
            { reason: 'INVALID_FIELD', detail: expect.stringMatching(/createTime: \d+ must/), txNo: 'a' },
          ],
        });
      }
    },
  );

  it('that are no time in milliseconds are told as createTime when the message was born then', () => {
    expect(decodeBody(Buffer.from(body({})), 1_700_000_000).faults[0]?.detail).toContain('createTime');
  });
});

describe('bodies that other serialisers write', () => {
  const readable = '{"productId":1,"payCount":2,"txNo":"a"}';
  const text = JSON.stringify(readable);

  it.each([
    ['a number of Java', '{"txMessage":{"productId":1L,"payCount":2,"txNo":"a"}}', 'NOT_JSON', '"L"; txNo a'],
    [
      'single quotes',
      "{'txMessage':{'productId':1,'payCount':2,'txNo':'a'}}",
      'NOT_JSON',
      'double quotes; txNo a',
    ],
    ['no quotes', '{txMessage:{productId:1,payCount:2,txNo:"a"}}', 'NOT_JSON', 'double quotes; txNo a'],
    ['half a body', '{"txMessage":{"productId":1,"txNo":"a","payCo', 'NOT_JSON', 'ends; txNo a'],
    ['a body in brackets', `[{"txMessage":${readable}}]`, 'NO_TRANSACTION', 'must be an object; txNo a'],
    ['another message', '{"refund":{"txNo":"a"}}', 'NO_TRANSACTION', 'holds a transaction; txNo a'],
  ])('are dead letters that say what to do: %s', (_, source, reason, detail) => {
    const { transactions, faults } = decode(source);
    expect(transactions).toEqual([]);
    expect(faults).toEqual([{ reason, detail: expect.any(String) }]);
    for (const part of detail.split('; ')) expect(faults[0]?.detail).toContain(part);
  });

  it.each([
    [
      'a transaction as text',
      `{"txMessage":${text}}`,
      'INVALID_FIELD',
      'txMessage: is JSON as text (encoded twice)',
    ],
    [
      'transactions as text',
      `{"txMessages":${JSON.stringify(`[${readable}]`)}}`,
      'INVALID_FIELD',
      'encoded twice',
    ],
    [
      'the whole body as text',
      JSON.stringify(`{"txMessage":${readable}}`),
      'NO_TRANSACTION',
      'encoded twice',
    ],
    [
      'a reference',
      '{"txMessage":{"$ref":"$.x","txNo":"a"}}',
      'INVALID_FIELD',
      'txMessage: is a reference ($ref)',
    ],
    [
      'a reference in a field',
      '{"txMessage":{"productId":{"$ref":"$"},"payCount":2,"txNo":"a"}}',
      'INVALID_FIELD',
      'productId: is a reference',
    ],
    [
      'PascalCase',
      '{"TxMessage":{"ProductId":1,"PayCount":2,"TxNo":"a"}}',
      'INVALID_FIELD',
      'TxMessage: its name is txMessage',
    ],
    [
      'PascalCase in a list',
      '{"TxMessages":[{"ProductId":1,"PayCount":2,"TxNo":"a"}]}',
      'INVALID_FIELD',
      'TxMessages: its name is txMessages',
    ],
    [
      'a field in PascalCase',
      '{"txMessage":{"ProductId":1,"payCount":2,"txNo":"a"}}',
      'INVALID_FIELD',
      'productId: is missing; "ProductId" is not its name',
    ],
    [
      'txNo in PascalCase',
      '{"txMessage":{"productId":1,"payCount":2,"TxNo":"a"}}',
      'INVALID_FIELD',
      'txNo: is missing; "TxNo" is not',
    ],
    [
      'productId twice',
      '{"txMessage":{"productId":1,"productId":2,"payCount":2,"txNo":"a"}}',
      'INVALID_FIELD',
      'productId: stands twice',
    ],
    [
      'productId twice, the same',
      '{"txMessage":{"productId":"1","productId":"1","payCount":2,"txNo":"a","createTime":"1"}}',
      'INVALID_FIELD',
      'productId: stands twice',
    ],
    [
      'productId by both names',
      '{"txMessage":{"productId":1,"product_id":1,"payCount":2,"txNo":"a"}}',
      'INVALID_FIELD',
      'productId: stands twice',
    ],
    [
      'a list for a transaction',
      `{"txMessage":[${readable}]}`,
      'INVALID_FIELD',
      'several stand in txMessages',
    ],
    ['no envelope', readable, 'NO_TRANSACTION', 'txMessage: is missing'],
  ])('are dead letters that say what to do and name the transaction: %s', (_, source, reason, detail) => {
    expect(decode(source)).toEqual({
      transactions: [],
      faults: [{ reason, detail: expect.stringContaining(detail), txNo: 'a' }],
    });
  });

  it.each([
    [
      'beside the right name',
      '"txNo":"a","productId":1,"ProductId":2,"payCount":2',
      'productId: "ProductId"',
    ],
    ['in capitals', '"txNo":"a","productId":1,"payCount":2,"PAY_COUNT":2', 'payCount: "PAY_COUNT"'],
    ['with a hyphen', '"txNo":"a","product_id":1,"payCount":2,"product-id":1', 'productId: "product-id"'],
    ['with a space', '"txNo":"a","product_id":1,"payCount":2,"productId ":1', 'productId: "productId "'],
    [
      'of what may be missing',
      '"txNo":"a","productId":1,"payCount":2,"CreateTime":1700000000123',
      'createTime: is',
    ],
    [
      'of what is 0',
      '"txNo":"a","productId":1,"payCount":2,"createTime":0,"createtime":1',
      'createTime: "createtime"',
    ],
    ['twice', '"txNo":"a","productId":1,"payCount":2,"PayCount":2,"PayCount":2', 'payCount: "PayCount"'],
    ['of txNo, with the same value', '"txNo":"a","TxNo":"a","productId":1,"payCount":2', 'txNo: "TxNo"'],
  ])('another spelling of a field %s is a fault that names it', (_, fields, detail) => {
    expect(decode(`{"txMessage":{${fields}}}`)).toEqual({
      transactions: [],
      faults: [{ reason: 'INVALID_FIELD', detail: expect.stringContaining(detail), txNo: 'a' }],
    });
    expect(decode(`{"txMessages":[{${fields}},${readable.replace('"a"', '"b"')}]}`)).toMatchObject({
      transactions: [{ txNo: 'b' }],
      faults: [{ txNo: 'a' }],
    });
  });

  it.each([
    '{"txMessage":{"productId":1,"payCount":2,"txNo":"a","ProductId":null,"CreateTime":null}}',
    '{"txMessage":{"productId":1,"payCount":2,"txNo":"a","product":2,"id":3,"createTimeMs":4,"orderTxNo":"b"}}',
    // As the first release read it.
    '{"txMessages":{"productId":1,"payCount":2,"txNo":"a"}}',
  ])('are read when nothing of them would be lost: %s', (source) => {
    expect(decode(source)).toEqual({ transactions: [one], faults: [] });
  });

  it.each([
    ['txMessage twice', `"txMessage":${readable},"txMessage":{"txNo":"b"}`],
    ['txMessage three times', `"txMessage":{"txNo":"a"},"txMessage":null,"txMessage":{"txNo":"b"}`],
    ['txMessage by both names', `"txMessage":${readable},"tx_message":{"txNo":"b"}`],
    [
      'txMessage by both names and twice',
      `"txMessage":{"txNo":"a"},"tx_message":{"txNo":"b"},"tx_message":1`,
    ],
    [
      'txMessages twice',
      `"txMessage":null,"txMessages":[{"txNo":"a"}],"txMessages":[{"txNo":"b"},{"txNo":"a"}]`,
    ],
    ['another spelling twice', '"TxMessage":{"txNo":"a"},"TxMessage":{"TxNo":"b"}'],
    ['txNo twice', '"txMessage":{"productId":1,"payCount":2,"txNo":"a","txNo":"b"}'],
    ['txNo by another spelling', '"txMessage":{"productId":1,"payCount":2,"txNo":"a","TxNo":"b"}'],
  ])('name every txNo when nobody can say which is meant: %s', (_, parts) => {
    const { transactions, faults } = decode(`{${parts}}`);
    expect(transactions).toEqual([]);
    expect(faults.map(({ txNo }) => txNo)).toEqual(['a', 'b']);
  });

  it('name a txNo as text when what stands twice has none that can be read', () => {
    const { faults } = decode('{"txMessages":[],"txMessages":[[{"txNo":"a"}]]}');
    expect(faults).toEqual([{ reason: 'INVALID_FIELD', detail: 'txMessages: stands twice; txNo a' }]);
  });

  it('name a txNo that is a number', () => {
    expect(decode(body({ txNo: '12345678901234567890' })).faults).toEqual([
      {
        reason: 'INVALID_FIELD',
        detail: expect.stringContaining('txNo: 1234567890'),
        txNo: '12345678901234567890',
      },
    ]);
  });

  it('leave the other transactions of the body alone', () => {
    const { transactions, faults } = decode(
      `{"txMessage":${readable},"TxMessages":[{"txNo":"b"},{"txNo":"c"}],"txMessages":[{"$ref":"$.txMessage"}]}`,
    );
    expect(transactions).toEqual([one]);
    expect(faults.map(({ txNo }) => txNo)).toEqual(['b', 'c', undefined]);
    expect(faults[2]?.detail).toContain('txMessages[0]: is a reference ($ref) of fastjson');
  });
});

function entriesWithTxNo(count: number, prefix = 'a'): string {
  return Array.from({ length: count }, (_, index) => `{"txNo":"${prefix}-${index}"}`).join();
}

describe('bounds', () => {
  const entry = '{"productId":"1","payCount":2,"txNo":"a","createTime":"1700000000000"}';

  it.each([
    ['bad entries', `{"txMessages":[${'1,'.repeat(1_700_000)}1]}`],
    ['empty entries', `{"txMessages":[${'{},'.repeat(1_000_000)}{}]}`],
    ['good entries', `{"txMessages":[${`${entry},`.repeat(10_000)}${entry}]}`],
    [
      'entries that are good without a create time',
      `{"txMessages":[${'{"productId":1,"payCount":2,"txNo":"a"},'.repeat(10_000)}null]}`,
    ],
    ['lists in each other', '['.repeat(3_000_000)],
    ['entries under another name', `{"TxMessages":[${entriesWithTxNo(12_000)}]}`],
    [
      'entries that stand twice',
      `{"txMessages":[${entriesWithTxNo(6_000)}],"txMessages":[${entriesWithTxNo(6_000, 'b')}]}`,
    ],
  ])('too many %s are one fault', (_, text) => {
    const { transactions, faults } = decode(text);
    expect(transactions).toEqual([]);
    expect(faults).toEqual([{ reason: 'TOO_MANY_ENTRIES', detail: expect.any(String) }]);
    expect(faults[0]?.detail.length).toBeLessThan(300);
  });

  it('as many as may be are read, and each bad one among them is told', () => {
    expect(decode(`{"txMessages":[${`${entry},`.repeat(9_999)}${entry}]}`).transactions).toHaveLength(10_000);
    const { transactions, faults } = decode(
      `{"txMessages":[${`${entry},{"txNo":"b"},`.repeat(4_999)}${entry}]}`,
    );
    expect([transactions.length, faults.length]).toEqual([5_000, 4_999]);
    expect(describeFaults(faults)).toMatch(/^[^|]*(\|[^|]*){2}\| and 4996 more$/);
  });

  it('a body of more than 4 MiB is not looked at', () => {
    expect(decode(Buffer.alloc(4 * 1024 * 1024 + 1, ' ')).faults).toEqual([
      { reason: 'BODY_TOO_LARGE', detail: expect.any(String) },
    ]);
  });
});

const fieldValue = fc.oneof(
  { weight: 3, arbitrary: fc.bigInt({ min: -1n, max: 2n ** 63n }).map(String) },
  fc.bigInt({ min: 1n, max: 2n ** 63n }).map((integer) => `"${integer}"`),
  fc.double({ noNaN: true }).map(String),
  fc.constantFrom(
    'null',
    '{}',
    '"x"',
    '1e3',
    '1.0',
    '1L',
    "'1'",
    '{"$ref":"$"}',
    '1700000000',
    '1700000000123',
  ),
);
const fieldName = fc.constantFrom(
  'productId',
  'payCount',
  'txNo',
  'createTime',
  'product_id',
  'TxNo',
  '__proto__',
  'x',
);
const anyEntry = fc
  .array(fc.tuple(fieldName, fieldValue), { maxLength: 6 })
  .map((fields) => `{${fields.map(([name, value]) => `"${name}":${value}`).join()}}`);
const anyBody = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('txMessage', 'txMessages', 'tx_message', 'TxMessages'),
      fc.array(anyEntry, { maxLength: 3 }),
    )
    .map(([name, entries]) => `{"${name}":${entries.length === 1 ? entries[0] : `[${entries.join()}]`}}`),
  fc.string({ maxLength: 200 }),
  fc.json(),
);

it('whatever the body: transactions that keep the rules, or faults that are told within bounds', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        anyBody.map((text) => Buffer.from(text)),
        fc.uint8Array({ maxLength: 300 }),
      ),
      (bytes) => {
        const { transactions, faults } = decodeBody(bytes, BORN);
        expect(transactions.length + faults.length).toBeGreaterThan(0);
        expect(
          transactions.flatMap(({ txNo, createTimeMs, ...message }) =>
            takeStockFaults({ txNo, createTimeMs, message }),
          ),
        ).toEqual([]);
        for (const { detail } of faults) expect(detail.length).toBeLessThan(600);
        expect(describeFaults(faults).length).toBeLessThan(1_000);
      },
    ),
    { numRuns: 2_000 },
  );
});

it('the quick reader and the thorough one say the same of what our participants write', () => {
  const message = fc.record({
    productId: fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }).map(String),
    payCount: fc.integer({ min: 1, max: 1_000_000 }),
    txNo: fc.stringMatching(/^[A-Za-z0-9_.:-]{1,64}$/),
    createTime: fc.constantFrom(0, BORN, BORN + 1).map(String),
  });
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 5 }), (messages) => {
      const [first] = messages;
      const json = JSON.stringify(messages.length === 1 ? { txMessage: first } : { txMessages: messages });
      const quick = decode(json);
      expect(quick.faults).toEqual([]);
      expect(quick).toEqual(flatBody(readTakeStock(json, BORN)));
      expect(quick.transactions.map(({ txNo }) => txNo)).toEqual(messages.map(({ txNo }) => txNo));
    }),
  );
});

it.each([
  '{"txMessage":{"productId":"1","payCount":02,"txNo":"a","createTime":"0"}}',
  '{"txMessage":{"productId":"1","payCount":2,"txNo":"a","createTime":"0"}},',
  '{"txMessage":{"productId":"1","payCount":2,"txNo":"a","createTime":"0"}',
  '{"txMessages":[{"productId":"1","payCount":2,"txNo":"a","createTime":"0"}}',
  '{"txMessages":[{"productId":"1","payCount":2,"txNo":"a","createTime":"0"},]}',
  '{"txMessage":{"productId":"1","payCount":2,"txNo":"a","createTime":"0"},{"productId":"1","payCount":2,"txNo":"b","createTime":"0"}}',
])('the quick reader takes no body that is no JSON: %s', (text) => {
  expect(decode(text).faults.map(({ reason }) => reason)).toEqual(['NOT_JSON']);
});
