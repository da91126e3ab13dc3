import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { SubmitOrderRequestSchema, SubmitOrdersRequestSchema } from '../gen/txmsg/order/v1/order_pb.js';
import { OrderService } from '../index.js';
import { ORDER_DECODERS } from './decode-orders.js';
import { createServiceDefinition } from './service-definition.js';

const { submitOrder, submitOrders } = createServiceDefinition(OrderService);
const single = ORDER_DECODERS.get(SubmitOrderRequestSchema);
const bulk = ORDER_DECODERS.get(SubmitOrdersRequestSchema);

const PRODUCTS = [0n, 1n, 127n, 128n, 2n ** 31n, 2n ** 32n, 2n ** 35n, 2n ** 49n - 1n];
const COUNTS = [0, 1, 127, 128, 1_000_000, 2 ** 28 - 1];
const TX_NOS = [
  '',
  'a',
  '0192f3c4-1234-7abc-8def-0123456789ab',
  '\u0000\u007f',
  'x'.repeat(64),
  'x'.repeat(127),
];
const PLAIN = PRODUCTS.flatMap((productId) =>
  COUNTS.flatMap((payCount) =>
    TX_NOS.flatMap((txNo) =>
      [true, false].map((waitForOutcome) => ({ productId, payCount, txNo, waitForOutcome })),
    ),
  ),
);
const UNUSUAL: [string, string][] = [
  ['a negative product', '08ffffffffffffffffff01'],
  ['a product of eight bytes', '088080808080808001'],
  ['a negative count', '10ffffffffffffffffff01'],
  ['a count that is cut to 32 bits', '108180808010'],
  ['fields in another order', '10010801'],
  ['a field twice', '08010802'],
  ['a count twice', '10011002'],
  ['a text that is not ASCII', '1a02c3a4'],
  ['a text of 128 bytes', `1a8001${'61'.repeat(128)}`],
  ['a length of two bytes', '1a810061'],
  ['a flag of two bytes', '20808001'],
  ['an unknown field', '08015801'],
  ['a tag of two bytes', '880001'],
];
const NO_MESSAGE: [string, string][] = [
  ['half a field', '08'],
  ['half a number', '0880'],
  ['half a text', '1a0261'],
  ['no length', '1a'],
  ['text that is not UTF-8', '1a01ff'],
  ['field number 0', '0001'],
];

describe('the decoders of orders', () => {
  it('read what protobuf-es reads', () => {
    for (const order of PLAIN) {
      const bytes = Buffer.from(toBinary(SubmitOrderRequestSchema, create(SubmitOrderRequestSchema, order)));
      expect(single?.(bytes)).toStrictEqual(fromBinary(SubmitOrderRequestSchema, bytes));
      const many = Buffer.from(toBinary(SubmitOrdersRequestSchema, create(SubmitOrdersRequestSchema, order)));
      expect(bulk?.(many)).toStrictEqual(fromBinary(SubmitOrdersRequestSchema, many));
    }
  });

  it.each(UNUSUAL)('leave %s to protobuf-es', (_, hex) => {
    const bytes = Buffer.from(hex, 'hex');
    expect([single?.(bytes), bulk?.(bytes)]).toEqual([undefined, undefined]);
    expect(submitOrder?.requestDeserialize(bytes)).toStrictEqual(fromBinary(SubmitOrderRequestSchema, bytes));
    expect(submitOrders?.requestDeserialize(bytes)).toStrictEqual(
      fromBinary(SubmitOrdersRequestSchema, bytes),
    );
  });

  it.each(NO_MESSAGE)('leave it to protobuf-es to refuse %s', (_, hex) => {
    const bytes = Buffer.from(hex, 'hex');
    expect(() => submitOrder?.requestDeserialize(bytes)).toThrow();
    expect(() => submitOrders?.requestDeserialize(bytes)).toThrow();
  });

  it('never read anything else than protobuf-es, whatever is changed in a message', () => {
    const whole = toBinary(
      SubmitOrderRequestSchema,
      create(SubmitOrderRequestSchema, { productId: 300n, payCount: 200, txNo: 'ab', waitForOutcome: true }),
    );
    let read = 0;
    for (let at = 0; at < whole.length; at += 1) {
      for (let value = 0; value < 256; value += 1) {
        for (const cut of [0, 1, 2]) {
          const bytes = Buffer.concat([whole.subarray(0, at), Buffer.of(value), whole.subarray(at + cut)]);
          const message = single?.(bytes);
          if (!message) continue;
          read += 1;
          expect(message).toStrictEqual(fromBinary(SubmitOrderRequestSchema, bytes));
        }
      }
    }
    expect(read).toBeGreaterThan(500);
  });
});
