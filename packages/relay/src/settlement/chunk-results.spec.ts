import { create, toBinary } from '@bufbuild/protobuf';
import { Outcome, TxResultSchema } from '@txmsg/contracts/message';
import { SettleTransactionsRequestSchema } from '@txmsg/contracts/participant';
import { expect, it } from 'vitest';
import { chunkResults } from './chunk-results.js';

const resultsOf = (count: number, reason: string) =>
  Array.from({ length: count }, (_, index) =>
    create(TxResultSchema, { txNo: `${index}`.padStart(64, '0'), outcome: Outcome.REJECTED, reason }),
  );

it.each([0, 1, 5_000])('%d results without reasons are one part at most', (count) => {
  expect(chunkResults(resultsOf(count, ''))).toHaveLength(Math.min(count, 1));
});

it.each([
  ['count', ''],
  ['size', '€'.repeat(255)],
  ['size, by four bytes a character', '😀'.repeat(255)],
])('parts are bounded by %s, and hold all in their order', (_, reason) => {
  const results = resultsOf(12_000, reason);
  const parts = chunkResults(results);
  expect(parts.flat()).toEqual(results);
  for (const part of parts) {
    expect(part.length).toBeLessThanOrEqual(5_000);
    const request = create(SettleTransactionsRequestSchema, { results: part });
    expect(toBinary(SettleTransactionsRequestSchema, request).length).toBeLessThan(2 * 1024 * 1024);
  }
});
