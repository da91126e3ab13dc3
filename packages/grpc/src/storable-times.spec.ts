import { create } from '@bufbuild/protobuf';
import { ExportTransactionsRequestSchema } from '@txmsg/contracts/ledger';
import { CheckTransactionRequestSchema } from '@txmsg/contracts/participant';
import { PrepareTransactionRequestSchema } from '@txmsg/contracts/relay';
import { RunAuditRequestSchema } from '@txmsg/contracts/relay-admin';
import { ReportWatermarkRequestSchema } from '@txmsg/contracts/stock-admin';
import { describe, expect, it } from 'vitest';
import { createRequestValidator } from './validate-request.js';

type Time = { seconds: bigint; nanos: number };

const half = { participant: 'p', transactionId: 't', topic: 't', body: new Uint8Array(1), txNos: ['1'] };
/** Every request that carries a time. */
const requests = [
  [
    CheckTransactionRequestSchema,
    'create_time',
    (createTime: Time) => create(CheckTransactionRequestSchema, { txNo: 'a', createTime }),
  ],
  [
    PrepareTransactionRequestSchema,
    'create_time',
    (createTime: Time) => create(PrepareTransactionRequestSchema, { ...half, createTime }),
  ],
  [
    ExportTransactionsRequestSchema,
    'from_time',
    (fromTime: Time) => create(ExportTransactionsRequestSchema, { fromTime }),
  ],
  [
    ExportTransactionsRequestSchema,
    'to_time',
    (toTime: Time) => create(ExportTransactionsRequestSchema, { toTime }),
  ],
  [RunAuditRequestSchema, 'from_time', (fromTime: Time) => create(RunAuditRequestSchema, { fromTime })],
  [RunAuditRequestSchema, 'to_time', (toTime: Time) => create(RunAuditRequestSchema, { toTime })],
  [
    ReportWatermarkRequestSchema,
    'oldest_unsettled_time',
    (oldestUnsettledTime: Time) =>
      create(ReportWatermarkRequestSchema, { participant: 'p', oldestUnsettledTime }),
  ],
] as const;

const MIN_INT64 = -(2n ** 63n);
const outside: Time[] = [
  { seconds: MIN_INT64, nanos: 0 },
  { seconds: 2n ** 63n - 1n, nanos: 999_999_999 },
  { seconds: -30_610_224_001n, nanos: 0 },
  { seconds: 253_402_300_800n, nanos: 0 },
  { seconds: 0n, nanos: -1 },
  { seconds: 0n, nanos: 1_000_000_000 },
];
const inside: Time[] = [
  { seconds: 0n, nanos: 0 },
  { seconds: -30_610_224_000n, nanos: 0 },
  { seconds: 253_402_300_799n, nanos: 999_999_999 },
];

describe.each(requests)('a time in $typeName', (schema, field, make) => {
  const validator = createRequestValidator();

  it.each(outside)(`${field} of $seconds s and $nanos ns is refused by its name`, (time) => {
    expect(() => validator.check(schema, make(time))).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        details: { fieldViolations: [expect.objectContaining({ field })] },
      }),
    );
  });

  it.each(inside)(`${field} of $seconds s and $nanos ns is taken`, (time) => {
    validator.check(schema, make(time));
  });
});
