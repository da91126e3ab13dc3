import { deepStrictEqual } from 'node:assert/strict';
import { create } from '@bufbuild/protobuf';
import { anyText, fc, fuzzTarget, mutatedBytes, mutatedText } from '@txmsg/fuzz';
import { LedgerTotalSchema } from '../gen/txmsg/participant/v1/ledger_pb.js';
import { isTxNo } from '../tx-no.js';
import { createBodyDecoder } from './decode-body.js';
import { defineMessage } from './define-message.js';
import { takeStock } from './take-stock.js';

const BORN_MS = 1_700_000_000_000;
const total = defineMessage({ type: 'Total', topic: 't', schema: LedgerTotalSchema });
const decode = createBodyDecoder<unknown>([takeStock('t'), total]);

const entries = fc.array(
  fc.record({
    txNo: fc.stringMatching(/^[A-Za-z0-9_.:-]{1,64}$/),
    createTimeMs: fc.integer({ min: 1_000_000_000_000, max: 4_000_000_000_000 }),
    message: fc
      .record({
        account: anyText(8),
        applied: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
        fault: anyText(3),
      })
      .filter(({ account, fault }) => account.isWellFormed() && fault.isWellFormed())
      .map((fields) => create(LedgerTotalSchema, fields)),
  }),
  { minLength: 1, maxLength: 3 },
);
const encoded = entries.map((some) => total.codec.encode(some));
const property = fc.constantFrom('', '', 'Total', 'TakeStock', 'New');
const bytesOf = (some: string): Uint8Array => Uint8Array.from(Buffer.from(some));

/** What was encoded is decoded whole; of anything else each part is a transaction of a known type or a fault with a reason. */
export const target = fuzzTarget({
  input: fc.oneof(
    fc.record({ kind: fc.constant('encoded' as const), entries }),
    fc.record({
      kind: fc.constant('bytes' as const),
      bytes: fc.oneof(
        mutatedText(encoded.map(String)).map(bytesOf),
        mutatedBytes(encoded.map((body) => Uint8Array.from(body))),
        fc.json().map(bytesOf),
      ),
      property,
    }),
  ),
  check(input) {
    if (input.kind === 'encoded') {
      const transactions = input.entries.map((entry) => ({ ...entry, type: 'Total' }));
      deepStrictEqual(decode(total.codec.encode(input.entries), BORN_MS), { transactions, faults: [] });
      return 'whole';
    }
    const { transactions, faults } = decode(input.bytes, BORN_MS, input.property);
    deepStrictEqual(transactions.length + faults.length > 0, true);
    for (const { reason, detail, txNo } of faults) {
      deepStrictEqual(/^[A-Z_]{3,40}$/.test(reason) && detail.length > 0 && detail.length < 1_000, true);
      deepStrictEqual(txNo === undefined || isTxNo(txNo), true);
    }
    for (const { txNo, type } of transactions)
      deepStrictEqual(isTxNo(txNo) && ['Total', 'TakeStock'].includes(type), true);
    return transactions.length > 0 ? 'read' : 'fault';
  },
  reaches: ['whole', 'read', 'fault'],
});
