import { create } from '@bufbuild/protobuf';
import { createValidator } from '@bufbuild/protovalidate';
import { TxMessageSchema } from '@txmsg/contracts/message';
import { describe, expect, it } from 'vitest';
import { isTxNo, transactionFaults } from './transaction-rules.js';

const validator = createValidator();
const productIds = [-1n, 0n, 1n, 2n ** 63n - 1n];
const payCounts = [-500, 0, 1, 1_000_000, 1_000_001];
const txNos = ['', 'a', 'A-_.:9', 'a'.repeat(64), 'a'.repeat(65), 'a b', 'é', 'a\n', '中'];

describe('transactionFaults', () => {
  it('says the same as the rules in the proto, for every combination of edges', () => {
    for (const productId of productIds) {
      for (const payCount of payCounts) {
        for (const txNo of txNos) {
          const message = create(TxMessageSchema, { productId, payCount, txNo });
          const result = validator.validate(TxMessageSchema, message);
          const fields = result.kind === 'invalid' ? result.violations.length : 0;
          const faults = transactionFaults({ productId, payCount, txNo, createTimeMs: 1 });
          expect(
            new Set(faults.map((text) => text.split(':')[0])).size > 0,
            `${productId} ${payCount} ${txNo}`,
          ).toBe(fields > 0);
        }
      }
    }
  });

  it.each([-1, 253_402_300_800_000, Number.MAX_VALUE])('refuses %d as a create time', (createTimeMs) => {
    expect(transactionFaults({ productId: 1n, payCount: 1, txNo: 'a', createTimeMs })).toEqual([
      'create_time: must be milliseconds since the epoch',
    ]);
  });
});

describe('isTxNo', () => {
  it.each([undefined, null, 1, {}, '', 'a b'])('refuses %j', (value) => {
    expect(isTxNo(value)).toBe(false);
  });
});
