import { deepStrictEqual } from 'node:assert/strict';
import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  type OrderStatus,
  SubmitOrderResponseSchema,
  SubmitOrdersResponseSchema,
} from '@txmsg/contracts/order';
import { anyText, fc, fuzzTarget } from '@txmsg/fuzz';
import { encodeBulkAnswers, encodeSubmitted } from './encode-submitted.js';

type Submitted = MessageInitShape<typeof SubmitOrderResponseSchema>;

/** Mostly plain, so that a message of several is sometimes plain as a whole. */
const text = fc.oneof(
  { weight: 6, arbitrary: fc.uuid() },
  {
    weight: 2,
    arbitrary: fc.string({ unit: fc.constantFrom('A', '_', '\u0000', '\u007f'), maxLength: 130 }),
  },
  { weight: 1, arbitrary: anyText(12) },
);
const edges = (max: bigint) => fc.oneof(fc.bigInt(0n, max), fc.constantFrom(0n, 127n, 128n, max));
const time = fc.record(
  {
    seconds: fc.oneof(
      { weight: 9, arbitrary: edges(2n ** 53n - 1n) },
      fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
    ),
    nanos: fc.oneof({ weight: 9, arbitrary: fc.nat(999_999_999) }, fc.constantFrom(127, 128), fc.integer()),
  },
  { requiredKeys: [] },
);
const order: fc.Arbitrary<Submitted> = fc.record(
  {
    orderNo: text,
    txNo: text,
    status: fc
      .oneof({ weight: 9, arbitrary: fc.nat(3) }, fc.integer(), fc.constantFrom(127, 128, 0.5, Number.NaN))
      .map((number) => number as OrderStatus),
    statusReason: text,
    createTime: time,
  },
  { requiredKeys: [] },
);
const answer = fc.record({
  txNo: text,
  result: fc.oneof(
    { weight: 19, arbitrary: order.map((value) => ({ case: 'order' as const, value })) },
    {
      weight: 1,
      arbitrary: fc
        .record({ code: fc.integer(), message: text })
        .map((value) => ({ case: 'error' as const, value })),
    },
  ),
});
const answers = fc
  .tuple(answer, fc.array(answer, { maxLength: 5 }))
  .map(([first, more]) => ({ ...first, more }));

interface Writer {
  readonly schema: DescMessage;
  readonly write: (message: object) => Buffer | undefined;
}
const WRITERS: Readonly<Record<'single' | 'bulk', Writer>> = {
  single: { schema: SubmitOrderResponseSchema, write: encodeSubmitted },
  bulk: { schema: SubmitOrdersResponseSchema, write: encodeBulkAnswers },
};

/** The encoders written by hand write the bytes that protobuf-es writes, or leave it to protobuf-es. */
export const target = fuzzTarget({
  input: fc.oneof(
    fc.record({ kind: fc.constant('single' as const), message: order }),
    fc.record({ kind: fc.constant('bulk' as const), message: answers }),
  ),
  check({ kind, message }) {
    const { schema, write } = WRITERS[kind];
    const written = write(message);
    if (written === undefined) return 'left';
    const expected = toBinary(schema, create(schema, message));
    deepStrictEqual(written.toString('hex'), Buffer.from(expected).toString('hex'));
    return kind;
  },
  reaches: ['single', 'bulk', 'left'],
});
