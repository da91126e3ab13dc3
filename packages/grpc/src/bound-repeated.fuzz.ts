import { deepStrictEqual } from 'node:assert/strict';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { type SubmitOrdersRequest, SubmitOrdersRequestSchema } from '@txmsg/contracts/order';
import { fc, fuzzTarget, mutatedBytes } from '@txmsg/fuzz';
import { createBoundedDecoder } from './bound-repeated.js';

/** The limit of `more`, from the contract. */
const MAX_MORE = 999;
const decode = createBoundedDecoder(SubmitOrdersRequestSchema);

const order = fc.record({
  productId: fc.bigInt(0n, 2n ** 63n - 1n),
  payCount: fc.integer(),
  txNo: fc.uuid(),
});
const head = fc
  .tuple(order, fc.array(order, { maxLength: 3 }))
  .map(([first, more]) =>
    toBinary(SubmitOrdersRequestSchema, create(SubmitOrdersRequestSchema, { ...first, more })),
  );
/** Fields of every wire type: some of `more`, some unknown, some malformed. */
const pieces = fc.constantFrom(
  ...[
    '2200',
    '22020801',
    '2203220100',
    '0801',
    '5801',
    '2a022200',
    '250000',
    '21000000',
    '2222',
    '232400',
    '5b225c',
    '0a80897a',
    '0a02',
    '2202',
    '1a7f',
    '22021a02',
  ].map((hex) => [...Buffer.from(hex, 'hex')]),
);
const count = fc.oneof(fc.nat(3), fc.integer({ min: MAX_MORE - 3, max: MAX_MORE + 3 }), fc.constant(3_000));
const repeated = fc
  .array(fc.tuple(pieces, count), { maxLength: 2 })
  .map((parts) => parts.flatMap(([piece, times]) => Array.from({ length: times }, () => piece).flat()));

/**
 * The decoder reads what protobuf-es reads. A list longer than its rule allows has exactly one item too many, whatever
 * follows.
 */
export const target = fuzzTarget({
  input: fc.oneof(
    mutatedBytes(head),
    fc.tuple(mutatedBytes(head, 2), repeated).map(([bytes, more]) => Uint8Array.from([...bytes, ...more])),
    fc.tuple(repeated, head).map(([more, bytes]) => Uint8Array.from([...more, ...bytes])),
  ),
  check(bytes) {
    const read = attempt(() => decode(bytes) as SubmitOrdersRequest);
    if (read && read.more.length > MAX_MORE) {
      deepStrictEqual(read.more.length, MAX_MORE + 1);
      const whole = attempt(() => readAll(bytes));
      deepStrictEqual(whole === undefined || whole.more.length > MAX_MORE, true);
      return 'too many';
    }
    deepStrictEqual(
      read,
      attempt(() => readAll(bytes)),
    );
    return read ? 'read' : 'refused';
  },
  reaches: ['read', 'too many', 'refused'],
});

function readAll(bytes: Uint8Array): SubmitOrdersRequest {
  return fromBinary(SubmitOrdersRequestSchema, bytes, { readUnknownFields: false });
}

/** Undefined when it throws. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
