import { create, type DescMessage, fromBinary, getOption, toBinary } from '@bufbuild/protobuf';
import { field as rulesOf } from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';
import {
  OrderService,
  RelayAdminService,
  RelayService,
  StockAdminService,
  StockService,
  TransactionLedger,
  TransactionParticipant,
} from '@txmsg/contracts';
import { BulkOrderSchema, SubmitOrdersRequestSchema } from '@txmsg/contracts/order';
import { ReleaseUnsettledRequestSchema, SettleTransactionsRequestSchema } from '@txmsg/contracts/participant';
import { describe, expect, it } from 'vitest';
import { createBoundedDecoder } from './bound-repeated.js';
import { createServiceDefinition } from './service-definition.js';

const decode = createServiceDefinition(OrderService).submitOrders?.requestDeserialize;
if (!decode) throw new Error('no decoder');

const FIRST = '080110021a0161';
const bytesOf = (...parts: string[]) => Buffer.from(parts.join(''), 'hex');
const refused = Array.from({ length: 1_000 }, () => create(BulkOrderSchema));

describe('orders in a message', () => {
  it.each([
    ['plain', bytesOf(FIRST, '22020801'.repeat(1_000))],
    ['empty', bytesOf(FIRST, '2200'.repeat(1_000))],
    ['a quarter of a million bytes of them', bytesOf(FIRST, '2200'.repeat(125_000))],
    ['behind a group', bytesOf(FIRST, '5b22005c', '2200'.repeat(1_000))],
    ['with tags of two bytes', bytesOf(FIRST, 'a20000'.repeat(1_000))],
    ['behind a field whose wire type is another', bytesOf('0a808078', FIRST, '2200'.repeat(125_000))],
    ['with wire types of their own', bytesOf(FIRST, '2000'.repeat(1_000))],
    ['with lengths of two bytes', bytesOf(FIRST, '228000'.repeat(1_000))],
    ['between unknown fields', bytesOf(FIRST, '22005801'.repeat(1_000))],
    ['before a field that is cut', bytesOf(FIRST, '2200'.repeat(1_000), '08')],
  ])('are refused without being made when one is too many: %s', (_, bytes) => {
    const { more, ...first } = decode(bytes) as ReturnType<typeof create<typeof SubmitOrdersRequestSchema>>;
    expect(first).toMatchObject({ productId: 1n, payCount: 2, txNo: 'a' });
    expect(more).toEqual(refused);
    expect(new Set(more).size).toBe(1);
  });

  it('are read when there are as many as allowed, whatever stands between', () => {
    for (const item of ['22020801', '2200', 'a20000', '22005801']) {
      const bytes = bytesOf(FIRST, item.repeat(999));
      expect(decode(bytes)).toStrictEqual(
        fromBinary(SubmitOrdersRequestSchema, bytes, { readUnknownFields: false }),
      );
    }
  });

  it('leave no trace of fields that are not known', () => {
    expect(Object.keys(decode(bytesOf(FIRST, '5801'.repeat(100_000))))).not.toContain('$unknown');
    expect(Object.keys(decode(bytesOf(FIRST, '22020801', '2202', '5801')))).not.toContain('$unknown');
  });

  it.each([
    ['a message that is cut', '2205'],
    ['tags of more than 32 bits', 'a28080801000'.repeat(1_000)],
    ['tags of ten bytes', 'a280808080808080800000'.repeat(1_000)],
    ['groups in groups without end', '5b'.repeat(120_000)],
    ['a group that was not begun', '5c'],
  ])('are no message with %s', (_, hex) => {
    expect(() => decode(bytesOf(FIRST, hex))).toThrow();
  });
});

describe('lists of other requests', () => {
  it('are refused likewise: messages', () => {
    const read = createBoundedDecoder(SettleTransactionsRequestSchema);
    const field = SettleTransactionsRequestSchema.field.results;
    const tag = Buffer.of(field.number * 8 + 2, 0);
    expect(read(Buffer.concat(Array(10_001).fill(tag)))).toMatchObject({ results: { length: 10_001 } });
    expect(read(Buffer.concat(Array(2_000_000).fill(tag)))).toMatchObject({ results: { length: 10_001 } });
  });

  it('are refused likewise: texts', () => {
    const read = createBoundedDecoder(ReleaseUnsettledRequestSchema);
    const txNos = Array.from({ length: 10_000 }, (_, index) => `${index}`);
    const allowed = toBinary(ReleaseUnsettledRequestSchema, create(ReleaseUnsettledRequestSchema, { txNos }));
    expect(read(allowed)).toMatchObject({ txNos });
    expect(read(Buffer.concat([allowed, Buffer.from('0a0161', 'hex')]))).toMatchObject({
      txNos: Array.from({ length: 10_001 }, () => ''),
    });
  });

  it('all have a bound', () => {
    const services = [
      OrderService,
      RelayAdminService,
      RelayService,
      StockAdminService,
      StockService,
      TransactionLedger,
      TransactionParticipant,
    ];
    const inputs: DescMessage[] = services.flatMap(({ methods }) => methods.map(({ input }) => input));
    const lists = inputs.flatMap(({ fields }) => fields.filter(({ fieldKind }) => fieldKind === 'list'));
    expect(lists.length).toBeGreaterThan(3);
    for (const list of lists) {
      const { type } = getOption(list, rulesOf);
      expect([list.toString(), type.case === 'repeated' && type.value.maxItems > 0n]).toEqual([
        list.toString(),
        true,
      ]);
    }
  });
});
