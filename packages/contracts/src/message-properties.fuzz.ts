import { deepStrictEqual } from 'node:assert/strict';
import { fc, fuzzTarget, mutatedText } from '@txmsg/fuzz';
import { classifyCheckBack, halfProperties, outboxProperties } from './message-properties.js';

const KNOWN = new Set(['order-svc', 'shop.orders']);
const text = mutatedText(
  fc.constantFrom('order-svc', 'shop.orders', 'half', 'outbox', '0192f3c4', '1790000000000', ''),
);
const time = fc.oneof(fc.bigInt(0n, 10n ** 19n).map(String), text);
const written = fc.oneof(
  fc
    .record({ participant: fc.constantFrom(...KNOWN), transactionId: fc.uuid(), createTimeMs: fc.nat() })
    .map(halfProperties),
  fc.constantFrom(...KNOWN).map(outboxProperties),
);
const name = fc.oneof(fc.constantFrom('participant', 'transaction_id', 'create_time', 'kind'), text);
const properties = fc
  .tuple(
    written,
    fc.array(fc.oneof(fc.tuple(name, text), fc.tuple(fc.constant('create_time'), time)), { maxLength: 3 }),
    fc.option(name),
  )
  .map(([whole, changes, missing]) =>
    [...new Map([...Object.entries(whole), ...changes])].filter(([key]) => key !== missing),
  );

/** A check-back concerns a participant that is known, and says of it what stands in the properties and nothing else. */
export const target = fuzzTarget({
  input: properties,
  check(entries) {
    const given = new Map(entries);
    const checkBack = classifyCheckBack(given, (participant) => KNOWN.has(participant));
    if (checkBack.kind === 'foreign') return checkBack.kind;
    const participant = given.get('participant') ?? '';
    deepStrictEqual(KNOWN.has(participant), true);
    if (checkBack.kind === 'outbox') {
      deepStrictEqual(given.get('kind'), 'outbox');
      return checkBack.kind;
    }
    const { createTimeMs, ...rest } = checkBack;
    deepStrictEqual(rest, { kind: 'half', participant, transactionId: given.get('transaction_id') });
    deepStrictEqual(rest.transactionId === '', false);
    if (createTimeMs !== undefined) {
      deepStrictEqual(BigInt(createTimeMs), BigInt(given.get('create_time') ?? ''));
      deepStrictEqual(createTimeMs >= 0, true);
    }
    return checkBack.kind;
  },
  reaches: ['half', 'outbox', 'foreign'],
});
