import {
  clone,
  create,
  createFileRegistry,
  type DescField,
  type DescFile,
  type DescMessage,
  getOption,
  type Message,
  ScalarType,
  setExtension,
} from '@bufbuild/protobuf';
import { FieldOptionsSchema, FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { createValidator } from '@bufbuild/protovalidate';
import {
  type FieldRules,
  FieldRulesSchema,
  field as fieldOption,
  Ignore,
} from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';
import * as contracts from '@txmsg/contracts';
import { ResultEnvelopeSchema, TransactionEnvelopeSchema } from '@txmsg/contracts/message';
import { SubmitOrderRequestSchema } from '@txmsg/contracts/order';
import {
  CheckTransactionRequestSchema,
  ReleaseUnsettledRequestSchema,
  SettleTransactionsRequestSchema,
} from '@txmsg/contracts/participant';
import { PrepareTransactionRequestSchema } from '@txmsg/contracts/relay';
import { describe, expect, it } from 'vitest';
import { compileValidity } from './compile-validity.js';

const library = createValidator();
const isValid = (schema: DescMessage, message: Message) => library.validate(schema, message).kind === 'valid';

const SMALL = [
  1,
  1,
  1,
  0,
  -1,
  2,
  500,
  501,
  1_000,
  1_001,
  10_000,
  10_001,
  100_001,
  1_000_000,
  1_000_001,
  -(2 ** 31),
];
const LARGE = [...SMALL.map(BigInt), 10n ** 12n, 10n ** 12n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];
const TEXTS = [
  ...[
    'a',
    'b',
    'A-9_',
    'A-9_.',
    'A-9_.:',
    'a:',
    '',
    'a b',
    'a\n',
    '\n',
    '\na',
    'a\r',
    'a\u2028',
    '^a$',
    'ä',
    '\u0000',
    '\ud83d',
  ],
  ...[63, 64, 65, 127, 128, 255, 256, 257].map((length) => 'x'.repeat(length)),
  ...[1, 32, 33, 64, 65, 127, 128, 255, 256].map((length) => '😀'.repeat(length)),
];
const SIZES = [1, 1, 0, 2, 4_096, 4_097];

/**
 * A repeatable stream of numbers below a bound (a linear congruential generator with the constants of Numerical
 * Recipes).
 */
function createDice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
type Dice = ReturnType<typeof createDice>;

/** One of the items; three times in four the first, which is mostly valid. */
function pick<T>(dice: Dice, values: readonly T[]): T {
  return values[dice(4) > 0 ? 0 : dice(values.length)] as T;
}

function randomMessage(dice: Dice, schema: DescMessage): Message {
  const init: Record<string, unknown> = {};
  for (const field of schema.fields) {
    if (dice(8) === 0) continue;
    const value = randomValue(dice, field);
    if (field.oneof) init[field.oneof.localName] = { case: field.localName, value };
    else init[field.localName] = value;
  }
  return create(schema, init);
}

function randomValue(dice: Dice, field: DescField): unknown {
  if (field.fieldKind === 'list') {
    return Array.from({ length: pick(dice, [1, 0, 2, 3]) }, () => randomItem(dice, field));
  }
  return randomItem(dice, field);
}

function randomItem(dice: Dice, field: DescField): unknown {
  if (field.message) return randomMessage(dice, field.message);
  if (field.enum) return pick(dice, [1, 2, 3, 0, -1, 77]);
  switch (field.scalar) {
    case ScalarType.STRING:
      return pick(dice, TEXTS);
    case ScalarType.BYTES:
      return new Uint8Array(pick(dice, SIZES));
    case ScalarType.BOOL:
      return dice(2) === 0;
    case ScalarType.INT64:
      return pick(dice, LARGE);
    default:
      return pick(dice, SMALL);
  }
}

const inputs = Object.values(contracts).flatMap(({ methods }) => methods.map(({ input }) => input));
const known = [...inputs, ResultEnvelopeSchema, TransactionEnvelopeSchema]
  .filter((schema) => schema !== CheckTransactionRequestSchema)
  .map((schema) => [schema.typeName, schema] as const);

describe('compileValidity', () => {
  it.each(known)('calls no %s valid that the library finds faults in, and does call some', (name, schema) => {
    const check = compileValidity(schema);
    const dice = createDice(name.length);
    let sure = 0;
    for (let round = 0; round < 400; round += 1) {
      const message = randomMessage(dice, schema);
      if (!check?.(message)) continue;
      sure += 1;
      if (!isValid(schema, message)) expect.fail(`said to be valid: ${JSON.stringify(message, bigintText)}`);
    }
    expect(sure).toBeGreaterThan(20);
  });

  it.each([
    [ReleaseUnsettledRequestSchema, 'txNos', 'a', 10_000],
    [SettleTransactionsRequestSchema, 'results', { txNo: 'a', outcome: 1 }, 10_000],
    [PrepareTransactionRequestSchema, 'txNos', 'a', 4_096],
  ])('counts the items of %s', (schema: DescMessage, list, item, most) => {
    const others = {
      participant: 'a',
      transactionId: 'a',
      topic: 'a',
      body: new Uint8Array(1),
      createTime: {},
    };
    const verdicts = [0, 1, most, most + 1].map((length) => {
      const message = create(schema, { ...others, [list]: Array(length).fill(item) });
      return [compileValidity(schema)?.(message), isValid(schema, message)];
    });
    expect(verdicts).toEqual([
      [false, false],
      [true, true],
      [true, true],
      [false, false],
    ]);
  });

  it('is sure of everything valid in an order of ASCII', () => {
    const check = compileValidity(SubmitOrderRequestSchema);
    for (const txNo of TEXTS.filter((text) => text.length <= 65)) {
      const message = create(SubmitOrderRequestSchema, { productId: 1n, payCount: 1, txNo });
      expect([txNo, check?.(message)]).toEqual([txNo, isValid(SubmitOrderRequestSchema, message)]);
    }
  });

  it('is not sure of a message of another type', () => {
    const other = create(ReleaseUnsettledRequestSchema, { txNos: ['a'] });
    expect(compileValidity(SubmitOrderRequestSchema)?.(other)).toBe(false);
  });
});

describe('a message with a rule that is not known', () => {
  it('is left to the library when the rule is its own', () => {
    expect(compileValidity(CheckTransactionRequestSchema)).toBeUndefined();
  });

  const changes: [string, string, (rules: FieldRules) => void][] = [
    ['an expression', 'tx_no', (rules) => rules.celExpression.push("this != 'a'")],
    ['a rule of required', 'tx_no', (rules) => Object.assign(rules, { required: true })],
    ['a rule that is ignored', 'tx_no', (rules) => Object.assign(rules, { ignore: Ignore.IF_ZERO_VALUE })],
    ['a list of values', 'product_id', ({ type }) => type.case === 'int64' && type.value.in.push(5n)],
    [
      'bounds that exclude',
      'pay_count',
      ({ type }) => Object.assign(type.value ?? {}, { greaterThan: { case: 'gt', value: 2_000_000 } }),
    ],
    ['a prefix', 'tx_no', ({ type }) => Object.assign(type.value ?? {}, { prefix: 'x' })],
    ['another pattern', 'tx_no', ({ type }) => Object.assign(type.value ?? {}, { pattern: '^a|b$' })],
    [
      'an extension',
      'tx_no',
      ({ type }) =>
        Object.assign(type.value ?? {}, { $unknown: [{ no: 1161, wireType: 0, data: new Uint8Array([1]) }] }),
    ],
    [
      'rules of another type',
      'pay_count',
      (rules) => Object.assign(rules, getOption(SubmitOrderRequestSchema.field.productId, fieldOption)),
    ],
  ];
  it.each(changes)('is left to the library: %s', (_, fieldName, change) => {
    expect(compileValidity(changedOrderRequest(fieldName, () => {}))).toBeDefined();
    expect(compileValidity(changedOrderRequest(fieldName, change))).toBeUndefined();
  });
});

/** SubmitOrderRequest from a copy of its file in which the rules of one field are changed. */
function changedOrderRequest(fieldName: string, change: (rules: FieldRules) => void): DescMessage {
  const { file, field } = SubmitOrderRequestSchema;
  const proto = clone(FileDescriptorProtoSchema, file.proto);
  const request = proto.messageType.find(({ name }) => name === SubmitOrderRequestSchema.name);
  const options = request?.field.find(({ name }) => name === fieldName);
  const rules = getOption(
    Object.values(field).find(({ name }) => name === fieldName) as DescField,
    fieldOption,
  );
  const changed = clone(FieldRulesSchema, rules);
  change(changed);
  if (!options) throw new TypeError(`no field ${fieldName}`);
  options.options = create(FieldOptionsSchema);
  setExtension(options.options, fieldOption, changed);
  const registry = createFileRegistry(proto, (name) => findFile(file.dependencies, name));
  return registry.getMessage(SubmitOrderRequestSchema.typeName) as DescMessage;
}

function findFile(files: readonly DescFile[], name: string): DescFile | undefined {
  for (const file of files) {
    const found = file.proto.name === name ? file : findFile(file.dependencies, name);
    if (found) return found;
  }
  return undefined;
}

function bigintText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
