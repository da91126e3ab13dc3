import { create, type DescMessage, fromBinary, toBinary } from '@bufbuild/protobuf';
import { OrderService } from '@txmsg/contracts';
import { BulkOrderSchema, SubmitOrderRequestSchema, SubmitOrdersRequestSchema } from '@txmsg/contracts/order';
import { createServiceDefinition } from '@txmsg/grpc';
import { describe, expect, it } from 'vitest';
import { decodeSubmitOrder, decodeSubmitOrders } from './decode-orders.js';
import { orderCodecs } from './order-codecs.js';

const { submitOrder, submitOrders } = createServiceDefinition(OrderService, orderCodecs);
const single = decodeSubmitOrder;
const bulk = decodeSubmitOrders;

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
  ['an unknown field', '08015801'],
  ['a tag of two bytes', '880001'],
];
const UNUSUAL_MORE: [string, string][] = [
  ['fields in another order', '080122041001' + '0801'],
  ['an unknown field', '080122025801'],
  ['an order of 128 bytes', `0801228001${'0801'}1a7c${'61'.repeat(124)}`],
  ['a field after them', '2202080110021a0161'],
  ['a number that goes on behind its order', '2202088001'],
  ['a text that goes on behind its order', '22031a026161'],
];
/** As every request is read: what isn't known is left out. */
const read = (schema: DescMessage, bytes: Uint8Array) =>
  fromBinary(schema, bytes, { readUnknownFields: false });
const NO_MESSAGE_MORE: [string, string][] = [
  ['an order that is cut', '22040801'],
  ['no length', '22'],
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
      expect(single(bytes)).toStrictEqual(fromBinary(SubmitOrderRequestSchema, bytes));
      const many = Buffer.from(toBinary(SubmitOrdersRequestSchema, create(SubmitOrdersRequestSchema, order)));
      expect(bulk(many)).toStrictEqual(fromBinary(SubmitOrdersRequestSchema, many));
    }
  });

  it.each(UNUSUAL)('leave %s to protobuf-es', (_, hex) => {
    const bytes = Buffer.from(hex, 'hex');
    expect([single(bytes), bulk(bytes)]).toEqual([undefined, undefined]);
    expect(submitOrder?.requestDeserialize(bytes)).toStrictEqual(read(SubmitOrderRequestSchema, bytes));
    expect(submitOrders?.requestDeserialize(bytes)).toStrictEqual(read(SubmitOrdersRequestSchema, bytes));
  });

  it('leave a flag of two bytes to protobuf-es', () => {
    const bytes = Buffer.from('20808001', 'hex');
    expect(single(bytes)).toBeUndefined();
    expect(submitOrder?.requestDeserialize(bytes)).toStrictEqual(fromBinary(SubmitOrderRequestSchema, bytes));
  });

  it.each(NO_MESSAGE)('leave it to protobuf-es to refuse %s', (_, hex) => {
    const bytes = Buffer.from(hex, 'hex');
    expect(() => submitOrder?.requestDeserialize(bytes)).toThrow();
    expect(() => submitOrders?.requestDeserialize(bytes)).toThrow();
  });

  it('read several orders in a message', () => {
    for (const size of [0, 1, 2, 999]) {
      const more = Array.from({ length: size }, (_, index) => PLAIN[(index * 7) % PLAIN.length] ?? {});
      for (const first of [{}, { productId: 1n, payCount: 1, txNo: 'a' }]) {
        const orders = create(SubmitOrdersRequestSchema, { ...first, more: more.map(withShortTxNo) });
        const bytes = Buffer.from(toBinary(SubmitOrdersRequestSchema, orders));
        expect(bulk(bytes)).toStrictEqual(fromBinary(SubmitOrdersRequestSchema, bytes));
      }
    }
  });

  it('leave one order too many to the decoder that stops there', () => {
    const bytes = Buffer.from(`080110021a0161${'22020801'.repeat(1_000)}`, 'hex');
    expect(bulk(bytes)).toBeUndefined();
    expect(submitOrders?.requestDeserialize(bytes)).toMatchObject({
      productId: 1n,
      more: Array.from({ length: 1_000 }, () => create(BulkOrderSchema)),
    });
  });

  it.each(UNUSUAL_MORE)('leave several orders to protobuf-es with %s', (_, hex) => {
    const bytes = Buffer.from(hex, 'hex');
    expect(bulk(bytes)).toBeUndefined();
    expect(submitOrders?.requestDeserialize(bytes)).toStrictEqual(read(SubmitOrdersRequestSchema, bytes));
  });

  it.each(NO_MESSAGE_MORE)('leave it to protobuf-es to refuse several orders with %s', (_, hex) => {
    const bytes = Buffer.from(hex, 'hex');
    expect(() => submitOrders?.requestDeserialize(bytes)).toThrow();
  });
});

/** Orders in a message are plain up to 127 bytes, so their tx_no is shorter than that of one alone. */
function withShortTxNo({ txNo, ...order }: { productId?: bigint; payCount?: number; txNo?: string }) {
  return { productId: order.productId ?? 0n, payCount: order.payCount ?? 0, txNo: txNo?.slice(0, 64) ?? '' };
}
