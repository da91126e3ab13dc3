import { deepStrictEqual } from 'node:assert/strict';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { SubmitOrderRequestSchema, SubmitOrdersRequestSchema } from '@txmsg/contracts/order';
import { anyText, fc, fuzzTarget, mutatedBytes } from '@txmsg/fuzz';
import { decodeSubmitOrder, decodeSubmitOrders } from './decode-orders.js';

/** Fields at the edges of what is plain: varints of 7 and 4 bytes, texts of 127, in ASCII and not. */
const order = fc.record(
  {
    productId: fc.oneof(fc.bigInt(0n, 300n), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)),
    payCount: fc.oneof(fc.nat(300), fc.integer()),
    txNo: fc.oneof(
      fc.uuid(),
      fc.string({ unit: fc.constantFrom('a', '-', '\u0000', '\u007f'), maxLength: 130 }),
      anyText(40),
    ),
  },
  { requiredKeys: [] },
);
const single = fc
  .tuple(order, fc.boolean())
  .map(([fields, waitForOutcome]) =>
    toBinary(SubmitOrderRequestSchema, create(SubmitOrderRequestSchema, { ...fields, waitForOutcome })),
  );
const bulk = fc
  .tuple(order, fc.array(order, { maxLength: 8 }))
  .map(([first, more]) =>
    toBinary(SubmitOrdersRequestSchema, create(SubmitOrdersRequestSchema, { ...first, more })),
  );

/** Fields as no encoder of ours writes them: varints with more bytes than they need, or more than fit. */
const varint = fc
  .tuple(fc.uint8Array({ maxLength: 9 }), fc.nat(127))
  .map(([head, last]) => [...head.map((byte) => byte | 0x80), last]);
const number = (tag: number) =>
  fc.oneof(
    fc.constant([]),
    varint.map((bytes) => [tag, ...bytes]),
  );
const text = fc.oneof(
  fc.constant([]),
  fc.uint8Array({ maxLength: 4 }).map((bytes) => [0x1a, bytes.length, ...bytes]),
);
const wireOrder = fc.tuple(number(0x08), number(0x10), text).map((fields) => fields.flat());
const wire = {
  single: fc.tuple(wireOrder, number(0x20)).map((fields) => Uint8Array.from(fields.flat())),
  bulk: fc
    .tuple(wireOrder, fc.array(wireOrder, { maxLength: 3 }))
    .map(([first, more]) =>
      Uint8Array.from([...first, ...more.flatMap((one) => [0x22, one.length, ...one])]),
    ),
};

const READERS = {
  single: {
    read: decodeSubmitOrder,
    expected: (bytes: Uint8Array) => fromBinary(SubmitOrderRequestSchema, bytes),
  },
  bulk: {
    read: decodeSubmitOrders,
    expected: (bytes: Uint8Array) => fromBinary(SubmitOrdersRequestSchema, bytes),
  },
};

/** The decoders written by hand read what protobuf-es reads, or leave it to protobuf-es. */
export const target = fuzzTarget({
  input: fc.oneof(
    fc.record({ kind: fc.constant('single' as const), bytes: mutatedBytes(single) }),
    fc.record({ kind: fc.constant('bulk' as const), bytes: mutatedBytes(bulk) }),
    fc.record({ kind: fc.constant('bulk' as const), bytes: mutatedBytes(bulk, 1) }),
    fc.record({ kind: fc.constant('single' as const), bytes: mutatedBytes(single, 1) }),
    fc.record({ kind: fc.constant('single' as const), bytes: wire.single }),
    fc.record({ kind: fc.constant('bulk' as const), bytes: wire.bulk }),
    fc.record({
      kind: fc.constantFrom('single' as const, 'bulk' as const),
      bytes: fc.uint8Array({ maxLength: 64 }),
    }),
  ),
  check({ kind, bytes }) {
    const { read, expected } = READERS[kind];
    const order = read(Buffer.from(bytes));
    if (order === undefined) return 'left';
    deepStrictEqual(order, expected(bytes));
    return kind;
  },
  reaches: ['single', 'bulk', 'left'],
});
