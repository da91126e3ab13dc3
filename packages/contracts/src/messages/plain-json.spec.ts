import { type DescMessage, toJson } from '@bufbuild/protobuf';
import { StructSchema, UninterpretedOptionSchema } from '@bufbuild/protobuf/wkt';
import { expect, it } from 'vitest';
import { LedgerTotalSchema } from '../gen/txmsg/participant/v1/ledger_pb.js';
import { createBodyDecoder } from './decode-body.js';
import { defineMessage } from './define-message.js';

const TIME = 1_700_000_000_123;

/** Decodes one payload; its message as JSON, or what is wrong with it. */
function decoded<S extends DescMessage>(schema: S, payload: string): unknown {
  const type = defineMessage({ type: 'Any', topic: 't', schema });
  const body = `{"txMessages":[{"txNo":"a","createTime":"${TIME}","type":"Any","payload":${payload}}]}`;
  const { transactions, faults } = createBodyDecoder([type])(Buffer.from(body), TIME);
  const [transaction] = transactions;
  return transaction ? toJson(schema, transaction.message) : faults[0]?.detail;
}

it.each([
  ['1', '1'],
  ['1.0', '1'],
  ['9007199254740993', '9007199254740993'],
  ['"12"', '12'],
  ['0.99999999999999999999', 'is no integer'],
  ['1.5', 'is no integer'],
  ['1e999', 'is too large'],
  [`"${'9'.repeat(1_000_000)}"`, '1000000 characters are no integer'],
])('reads an integer exactly or not at all: %.30s', (source, expected) => {
  const total = decoded(LedgerTotalSchema, `{"account":"a","applied":${source}}`);
  if (/^\d+$/.test(expected)) expect(total).toEqual({ account: 'a', applied: expected });
  else expect(total).toContain(expected);
});

it('reads fractions and texts of digits where the schema has them', () => {
  const digits = '9'.repeat(100);
  const payload = `{"identifierValue":"${digits}","doubleValue":1234567890123456.5,"positiveIntValue":18446744073709551615}`;
  expect(decoded(UninterpretedOptionSchema, payload)).toEqual({
    identifierValue: digits,
    doubleValue: 1234567890123456.5,
    positiveIntValue: '18446744073709551615',
  });
});

it.each([
  [LedgerTotalSchema, '{"Account":"a"}', '"Account" is not its name'],
  [
    UninterpretedOptionSchema,
    '{"name":[{"namePart":"a","IsExtension":true}]}',
    '"IsExtension" is not its name',
  ],
  [UninterpretedOptionSchema, '{"name":[{"namePart":"a","isExtension":true,"more":1}]}', undefined],
  [StructSchema, '{"a":1,"A":2,"__proto__":{"x":[1,{"y":null}]}}', undefined],
])('passes over no field under another spelling: %#', (schema, payload, fault) => {
  if (fault === undefined) expect(decoded(schema, payload)).toBeTypeOf('object');
  else expect(decoded(schema, payload)).toContain(fault);
});

it('reads values of any kind as what their codec has written', () => {
  const numbers = { a: 1e20, b: 2 ** 53, c: [-0.5, 1e300], d: { e: 9_007_199_254_740_994 } };
  expect(decoded(StructSchema, JSON.stringify(numbers))).toEqual(numbers);
});

it('leaves nothing to throw to whoever asks for the content', () => {
  expect(decoded(StructSchema, '{"a":[1e999]}')).toContain('1e999 is too large');
});
