import { fromJsonString } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { ResultEnvelopeSchema } from '../gen/txmsg/message/v1/message_pb.js';
import { type Results, scanResults } from './scan-results.js';

const APPLIED = { txNo: '0192-a_b.c:D', outcome: 'APPLIED' };
const REJECTED = { txNo: 'b', outcome: 'REJECTED', reason: 'OUT_OF_STOCK' };
const results = (...txResults: object[]) => JSON.stringify({ participant: 'order', txResults });
const lagOf = (deliveryLagMs: unknown) =>
  JSON.stringify({ participant: 'order', txResults: [APPLIED], deliveryLagMs });
const named = (fields: object) => JSON.stringify({ participant: 'order', txResults: [APPLIED], ...fields });

const PLAIN = [
  results(APPLIED),
  results(REJECTED),
  results(APPLIED, REJECTED, APPLIED),
  results(...Array.from({ length: 500 }, (_, index) => ({ ...REJECTED, txNo: `t-${index}` }))),
  results({ txNo: 'x'.repeat(64), outcome: 'REJECTED', reason: 'x'.repeat(255) }),
  results({ txNo: '-', outcome: 'REJECTED', reason: " !#$%&'()*+,-./0:;<=>?@[]^_`az{|}~]," }),
  JSON.stringify({ participant: '', txResults: [APPLIED] }),
  ...['0', '7', '007', '999999999999999'].map(lagOf),
  named({ consumer: 'stock-svc' }),
  named({ type: 'TakeStock' }),
  named({ consumer: 'stock-svc', type: 'x'.repeat(64) }),
  named({ deliveryLagMs: '7', consumer: 'stock-svc', type: 'Take.Stock-2_b' }),
];

const UNUSUAL = [
  // Break the contract: what is scanned is valid.
  results({ txNo: '', outcome: 'APPLIED', reason: '' }),
  results({ txNo: 'a b', outcome: 'APPLIED', reason: '' }),
  results({ txNo: 'x'.repeat(65), outcome: 'APPLIED' }),
  results({ txNo: 'a', outcome: 'REJECTED', reason: 'x'.repeat(256) }),
  '',
  'null',
  '[]',
  '{}',
  '{"participant":"order"}',
  `\ufeff${results(APPLIED)}`,
  `${results(APPLIED)}\n`,
  `${results(APPLIED)}}`,
  results(APPLIED).slice(0, -1),
  results(APPLIED).replace('"txNo"', ' "txNo"'),
  results(),
  '{"participant":"order","txResults":null}',
  '{"participant":null,"txResults":[{"txNo":"a","outcome":"APPLIED"}]}',
  '{"participant":"order","participant":"order","txResults":[{"txNo":"a","outcome":"APPLIED"}]}',
  '{"participant":"order","txResults":[{"txNo":"a","txNo":"a","outcome":"APPLIED"}]}',
  '{"participant":"order","txResults":[{"txNo":"a","outcome":"APPLIED"},]}',
  '{"participant":"order","tx_results":[{"tx_no":"a","outcome":"APPLIED"}]}',
  '{"participant":"order","txResults":[{"txNo":"a","outcome":"APPLIED"}],"txResults":[]}',
  '{"txResults":[{"txNo":"a","outcome":"APPLIED"}],"participant":"order"}',
  results({ outcome: 'APPLIED', txNo: 'a' }),
  results({ txNo: 'a' }),
  results({ txNo: 'a', outcome: 1 }),
  results({ txNo: 'a', outcome: 'OUTCOME_UNSPECIFIED' }),
  results({ txNo: 'a', outcome: 'OF_A_LATER_VERSION' }),
  results({ txNo: 'a', outcome: null }),
  results({ txNo: 1, outcome: 'APPLIED' }),
  results({ txNo: 'a', outcome: 'REJECTED', reason: null }),
  results({ txNo: 'a', outcome: 'REJECTED', later: true }),
  results({ ...REJECTED, reason: 'ä' }),
  results({ ...REJECTED, reason: '😀' }),
  results({ ...REJECTED, reason: '"' }),
  results({ ...REJECTED, reason: '\\' }),
  results({ ...REJECTED, reason: '\n' }),
  results({ ...REJECTED, reason: '\ud83d' }),
  results({ ...REJECTED, reason: 'X' }).replace('X', '\n'),
  results({ ...REJECTED, reason: 'X' }).replace('X', '\\u0041'),
  ...[
    '-1',
    '',
    '1.5',
    '1e3',
    ' 1',
    'x',
    '1000000000000000',
    '9223372036854775808',
    5,
    -5,
    1.5,
    null,
    [5],
  ].map(lagOf),
  named({ type: 'TakeStock', consumer: 'stock-svc' }),
  named({ consumer: 'stock-svc', deliveryLagMs: '7' }),
  ...['', 'a b', 'a:b', 'x'.repeat(65), 'ä', 5, null].flatMap((name) => [
    named({ consumer: name }),
    named({ type: name }),
  ]),
];

/** What the protobuf JSON mapping reads. */
function mapped(text: string): Results {
  const envelope = fromJsonString(ResultEnvelopeSchema, text, { ignoreUnknownFields: true });
  const { participant, txResults, deliveryLagMs, consumer, type } = envelope;
  return {
    participant,
    results: txResults,
    deliveryLagMs: deliveryLagMs === undefined ? undefined : Number(deliveryLagMs),
    consumer,
    type,
  };
}

describe('scanResults', () => {
  it.each(PLAIN)('reads what the mapping reads: %j', (text) => {
    expect(scanResults(text)).toStrictEqual(mapped(text));
  });

  it.each(UNUSUAL)('leaves to the mapping: %j', (text) => {
    expect(scanResults(text)).toBeUndefined();
  });
});
