import { create } from '@bufbuild/protobuf';
import { createValidator } from '@bufbuild/protovalidate';
import { describe, expect, it } from 'vitest';
import { TxMessageSchema } from '../gen/txmsg/message/v1/message_pb.js';
import { isName, isTxNo } from '../tx-no.js';
import { takeStockFaults } from './take-stock-rules.js';

const TIME = 1_700_000_000_123;
const validator = createValidator();
const productIds = [-1n, 0n, 1n, 2n ** 63n - 1n];
const payCounts = [-500, 0, 1, 1_000_000, 1_000_001];
const txNos = ['', 'a', 'A-_.:9', 'a'.repeat(64), 'a'.repeat(65), 'a b', 'é', 'a\n', '中'];

describe('takeStockFaults', () => {
  it('says the same as the rules in the proto, for every combination of edges', () => {
    for (const productId of productIds) {
      for (const payCount of payCounts) {
        for (const txNo of txNos) {
          const message = create(TxMessageSchema, { productId, payCount, txNo });
          const result = validator.validate(TxMessageSchema, message);
          const fields = result.kind === 'invalid' ? result.violations.length : 0;
          const faults = takeStockFaults({ txNo, createTimeMs: TIME, message: { productId, payCount } });
          expect(
            new Set(faults.map((text) => text.split(':')[0])).size > 0,
            `${productId} ${payCount} ${txNo}`,
          ).toBe(fields > 0);
        }
      }
    }
  });

  it.each([
    ['nothing', 0],
    ['a time before the epoch', -1],
    ['seconds', TIME / 1_000],
    ['seconds of the year 2099', Date.UTC(2099, 11, 31) / 1_000],
    ['microseconds', TIME * 1_000],
    ['nanoseconds', TIME * 1_000_000],
    ['a time after the year 2099', Date.UTC(2100, 0, 1)],
    ['no number', Number.NaN],
    ['the largest number', Number.MAX_VALUE],
  ])('refuses %s as a create time in milliseconds', (_, createTimeMs) => {
    expect(takeStockFaults({ txNo: 'a', createTimeMs, message: { productId: 1n, payCount: 1 } })).toEqual([
      expect.stringMatching(/^createTime: .* must be milliseconds/),
    ]);
  });

  it.each([Date.UTC(2001, 0, 1), TIME, Date.UTC(2100, 0, 1) - 1])(
    'takes %d as a create time',
    (createTimeMs) => {
      expect(takeStockFaults({ txNo: 'a', createTimeMs, message: { productId: 1n, payCount: 1 } })).toEqual(
        [],
      );
    },
  );
});

describe('isTxNo', () => {
  it.each([undefined, null, 1, {}, '', 'a b'])('refuses %j', (value) => {
    expect(isTxNo(value)).toBe(false);
  });
});

describe('isName', () => {
  it.each(['order-svc', 'A_.-9', 'x'.repeat(64)])('takes %j', (value) => {
    expect(isName(value)).toBe(true);
  });

  it.each([undefined, null, 1, '', 'a b', 'a:b', 'ä', 'a\n', 'x'.repeat(65)])('refuses %j', (value) => {
    expect(isName(value)).toBe(false);
  });
});
