import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { TimestampSchema } from '@bufbuild/protobuf/wkt';
import { OrderService } from '@txmsg/contracts';
import {
  type OrderStatus,
  SubmitOrderResponseSchema,
  SubmitOrdersResponseSchema,
} from '@txmsg/contracts/order';
import { createServiceDefinition } from '@txmsg/grpc';
import { describe, expect, it } from 'vitest';
import { encodeBulkAnswers, encodeSubmitted } from './encode-submitted.js';
import { orderCodecs } from './order-codecs.js';

type Submitted = MessageInitShape<typeof SubmitOrderResponseSchema>;

const { submitOrder, submitOrders } = createServiceDefinition(OrderService, orderCodecs);
const tail = { no: 99, wireType: 0, data: new Uint8Array([1]) };

const TEXTS = [undefined, '', 'a', 'OUT_OF_STOCK', '\u0000\u007f', 'x'.repeat(64), 'x'.repeat(127)];
const TIMES = [
  undefined,
  {},
  ...[0n, 1n, 127n, 128n, 1_790_000_000n, 2n ** 31n, 2n ** 32n, 2n ** 35n, 2n ** 53n - 1n].flatMap(
    (seconds) => [0, 1, 127, 128, 123_000_000, 999_999_999].map((nanos) => ({ seconds, nanos })),
  ),
];
const PLAIN: Submitted[] = TEXTS.flatMap((text, index) =>
  TIMES.flatMap((createTime, turn) =>
    [undefined, 0, 1, 3, 127].map((status) => ({
      ...(text !== undefined && { orderNo: text }),
      ...(turn % 7 < 6 && { txNo: TEXTS[(index + turn) % 7] ?? '' }),
      ...(turn % 5 < 4 && { statusReason: TEXTS[(index + 2 * turn) % 7] ?? '' }),
      ...(status !== undefined && { status }),
      ...(createTime && { createTime }),
    })),
  ),
);
const UNUSUAL: [string, Submitted][] = [
  ['a reason that is not ASCII', { statusReason: 'ausverkauft: Äpfel' }],
  ['a reason with an emoji', { statusReason: '😀' }],
  ['a reason of 128 characters', { statusReason: 'x'.repeat(128) }],
  ['a reason of 300 characters', { statusReason: 'x'.repeat(300) }],
  ['a status of two bytes', { status: 128 as OrderStatus }],
  ['a negative status', { status: -1 as OrderStatus }],
  ['a time before 1970', { createTime: { seconds: -1n, nanos: 5 } }],
  ['a time beyond all numbers', { createTime: { seconds: 2n ** 53n } }],
  ['negative nanos', { createTime: { seconds: 1n, nanos: -1 } }],
  ['nanos of more than a second', { createTime: { nanos: 1_000_000_000 } }],
  ['an unknown field', { ...create(SubmitOrderResponseSchema, { txNo: 'a' }), $unknown: [tail] }],
  ['an unknown field in the time', { createTime: { ...create(TimestampSchema), $unknown: [tail] } }],
];

function bulk(order: Submitted, txNo = 'a') {
  return { txNo, result: { case: 'order' as const, value: order } };
}

function generic(order: Submitted): Uint8Array[] {
  return [
    toBinary(SubmitOrderResponseSchema, create(SubmitOrderResponseSchema, order)),
    toBinary(SubmitOrdersResponseSchema, create(SubmitOrdersResponseSchema, bulk(order))),
  ];
}

function plain(order: Submitted): (Uint8Array | undefined)[] {
  return [encodeSubmitted(order), encodeBulkAnswers(bulk(order))];
}

const hex = (bytes: readonly (Uint8Array | undefined)[]) =>
  bytes.map((each) => each && Buffer.from(each).toString('hex'));

describe('the encoders of submitted orders', () => {
  it('write the bytes that protobuf-es writes', () => {
    for (const order of PLAIN) expect(hex(plain(order))).toEqual(hex(generic(order)));
  });

  it('write several answers in a message', () => {
    for (const size of [1, 2, 300]) {
      for (let start = 0; start < PLAIN.length; start += 97) {
        const more = Array.from({ length: size }, (_, index) =>
          bulk(PLAIN[(start + index) % PLAIN.length] ?? {}),
        );
        const answers = { ...bulk(PLAIN[start] ?? {}, ''), more };
        const expected = toBinary(SubmitOrdersResponseSchema, create(SubmitOrdersResponseSchema, answers));
        expect(hex([encodeBulkAnswers(answers)])).toEqual(hex([expected]));
      }
    }
  });

  it('leave several answers to protobuf-es when one of them is unusual', () => {
    for (const [, order] of UNUSUAL) {
      const answers = { ...bulk({ txNo: 'a' }), more: [bulk({ txNo: 'b' }), bulk(order)] };
      expect(encodeBulkAnswers(answers)).toBeUndefined();
      const expected = toBinary(SubmitOrdersResponseSchema, create(SubmitOrdersResponseSchema, answers));
      expect(hex([submitOrders?.responseSerialize(answers)])).toEqual(hex([expected]));
    }
  });

  it('take complete messages as well', () => {
    for (const init of PLAIN.slice(0, 500)) {
      const order = create(SubmitOrderResponseSchema, init);
      expect(hex(plain(order))).toEqual(hex(generic(order)));
    }
  });

  it.each(UNUSUAL)('leave %s to protobuf-es', (_, order) => {
    expect(plain(order)).toEqual([undefined, undefined]);
    const sent = [submitOrder?.responseSerialize(order), submitOrders?.responseSerialize(bulk(order))];
    expect(hex(sent)).toEqual(hex(generic(order)));
  });

  it.each([
    [
      'an error',
      { txNo: 'a', result: { case: 'error' as const, value: { code: 3, message: 'tx_no: too long' } } },
    ],
    ['no result', { txNo: 'a' }],
    ['a tx_no that is not ASCII', bulk({ txNo: 'a' }, 'ä')],
    ['an unknown field', { ...create(SubmitOrdersResponseSchema, bulk({ txNo: 'a' })), $unknown: [tail] }],
  ])('leave an answer with %s to protobuf-es', (_, answer) => {
    expect(encodeBulkAnswers(answer)).toBeUndefined();
    const expected = toBinary(SubmitOrdersResponseSchema, create(SubmitOrdersResponseSchema, answer));
    expect(hex([submitOrders?.responseSerialize(answer)])).toEqual(hex([expected]));
  });

  it('leave what cannot be encoded to protobuf-es, which says so', () => {
    expect(() => submitOrder?.responseSerialize({ createTime: { nanos: 1.5 } })).toThrow('nanos');
    expect(() => submitOrder?.responseSerialize({ status: 0.5 })).toThrow('status');
    expect(() => submitOrder?.responseSerialize({ status: Number.NaN })).toThrow('status');
  });
});
