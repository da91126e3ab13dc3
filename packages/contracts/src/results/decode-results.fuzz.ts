import { deepStrictEqual } from 'node:assert/strict';
import { fromJsonString } from '@bufbuild/protobuf';
import { anyText, fc, fuzzTarget, mutatedBytes, mutatedText } from '@txmsg/fuzz';
import { ResultEnvelopeSchema } from '../gen/txmsg/message/v1/message_pb.js';
import { isName } from '../tx-no.js';
import { decodeResults } from './decode-results.js';
import { isValidResult } from './is-valid-result.js';
import { scanResults } from './scan-results.js';

const text = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('order-svc', '0192f3c4-1234', 'OUT_OF_STOCK', '', '{}],') },
  { weight: 1, arbitrary: anyText(5) },
);
const result = fc.record(
  {
    txNo: fc.oneof({ weight: 3, arbitrary: text }, { weight: 1, arbitrary: fc.constant(7) }),
    outcome: fc.constantFrom('APPLIED', 'REJECTED', 'SUCCESS', 'OUTCOME_UNSPECIFIED', 1, 2, 3, null),
    reason: text,
  },
  { requiredKeys: ['txNo', 'outcome'] },
);
const plainResult = fc.record(
  { txNo: fc.uuid(), outcome: fc.constantFrom('APPLIED', 'REJECTED'), reason: fc.constant('OUT_OF_STOCK') },
  { requiredKeys: ['txNo', 'outcome'] },
);
const lag = fc.oneof(
  fc.nat().map(String),
  fc.bigInt(2n ** 53n, 2n ** 64n).map(String),
  fc.bigInt(2n ** 63n - 3n, 2n ** 63n + 3n).map(String),
  fc.bigInt().map(String),
  text,
  fc.integer(),
);
const name = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom('stock-svc', 'TakeStock') },
  { weight: 1, arbitrary: text },
);
const envelope = fc
  .record(
    {
      participant: fc.oneof(fc.constant('order-svc'), text),
      txResults: fc.oneof(fc.array(plainResult, { maxLength: 5 }), fc.array(result, { maxLength: 5 })),
      deliveryLagMs: lag,
      consumer: name,
      type: name,
    },
    { requiredKeys: ['participant', 'txResults'] },
  )
  .map((json) => JSON.stringify(json));

/** Lists of what is no result: each must cost next to nothing. */
const scalars = fc
  .tuple(
    fc.constantFrom('0', 'null', '""', '{}', '[]', '{"txNo":7}', '{"txNo":"a","outcome":99999999999}'),
    fc.nat(200_000),
  )
  .map(([one, count]) => `{"participant":"order-svc","txResults":[${`${one},`.repeat(count)}${one}]}`);

const bytes = (json: fc.Arbitrary<string>) => json.map((one) => Uint8Array.from(Buffer.from(one)));

/** What the scanner reads is what the protobuf JSON mapping reads; any other body is a batch or a fault, never a throw. */
export const target = fuzzTarget({
  input: fc.oneof(
    { weight: 20, arbitrary: bytes(envelope) },
    { weight: 20, arbitrary: bytes(mutatedText(envelope)) },
    { weight: 20, arbitrary: mutatedBytes(bytes(envelope)) },
    { weight: 1, arbitrary: bytes(scalars) },
  ),
  check(given) {
    const body = Buffer.from(given);
    const scanned = scanResults(body.toString());
    if (scanned) deepStrictEqual(scanned, mapped(body.toString()));
    const decoded = decodeResults(body);
    if ('fault' in decoded) return 'fault';
    const { invalid, ...envelope } = decoded;
    const { participant, results } = envelope;
    deepStrictEqual(participant === '', false);
    deepStrictEqual(results.every(isValidResult), true);
    const whole = mappedOrNothing(body.toString());
    // Read one by one, since the mapping refuses the whole for one of them.
    if (!whole) {
      deepStrictEqual(invalid > 0, true);
      return 'salvaged';
    }
    const valid = whole.results.filter(isValidResult);
    deepStrictEqual(invalid, whole.results.length - valid.length);
    deepStrictEqual(envelope, { ...whole, results: valid });
    return scanned ? 'scanned' : 'mapped';
  },
  reaches: ['scanned', 'mapped', 'salvaged', 'fault'],
});

function mappedOrNothing(json: string) {
  try {
    return mapped(json);
  } catch {
    return undefined;
  }
}

function mapped(json: string) {
  const { participant, txResults, deliveryLagMs, consumer, type } = fromJsonString(
    ResultEnvelopeSchema,
    json,
    {
      ignoreUnknownFields: true,
    },
  );
  return {
    participant,
    results: txResults,
    deliveryLagMs: deliveryLagMs === undefined ? undefined : Number(deliveryLagMs),
    consumer: isName(consumer) ? consumer : '',
    type: isName(type) ? type : '',
  };
}
