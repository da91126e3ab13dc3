import { deepStrictEqual } from 'node:assert/strict';
import { fc, fuzzTarget, mutatedBytes, mutatedText } from '@txmsg/fuzz';
import { isTxNo } from '../tx-no.js';
import { createBodyDecoder } from './decode-body.js';
import { takeStock } from './take-stock.js';
import { entriesWithin, type FlatTransaction, flat, isWrittenAs } from './take-stock-oracle.js';

const BORN_MS = 1_700_000_000_000;
const decode = createBodyDecoder([takeStock('topic_txmsg')]);
const decodeBody = (body: Uint8Array, bornTimeMs: number) => {
  const { transactions, faults } = decode(body, bornTimeMs);
  return { transactions: transactions.map(flat), faults };
};

/** Ways in which producers write an integer; the text means the same integer in each. */
const NOTATIONS: Readonly<Record<string, (value: bigint) => string>> = {
  text: (value) => `"${value}"`,
  number: (value) => `${value}`,
  decimals: (value) => `${value}.0`,
  exponent: (value) => `${value}e0`,
  shifted: (value) => `${value}00e-2`,
  decimalText: (value) => `"${value}.0"`,
};
/** `ours`: ids and times as texts, counts as numbers, as protobuf-es writes them. */
const notation = fc.constantFrom('ours', ...Object.keys(NOTATIONS));
const transaction = fc.record({
  txNo: fc.oneof(fc.uuid(), fc.stringMatching(/^[A-Za-z0-9_.:-]{1,64}$/)),
  productId: fc.oneof(
    fc.bigInt(1n, 300n),
    fc.bigInt(2n ** 52n, 2n ** 63n - 1n),
    fc.constant(12345678901234567n),
  ),
  payCount: fc.integer({ min: 1, max: 1_000_000 }),
  createTimeMs: fc.integer({ min: 1_000_000_000_000, max: 4_000_000_000_000 }),
});
const envelope = fc.record({
  entries: fc.array(transaction, { minLength: 1, maxLength: 4 }),
  notation,
  /** Names as in the proto, such as `product_id`. */
  isSnake: fc.boolean(),
  /** `txMessage` for a single one. */
  isSingle: fc.boolean(),
});
type Envelope = typeof envelope extends fc.Arbitrary<infer T> ? T : never;

const text = envelope.map(write);
const bytesOf = (some: string): Uint8Array => Uint8Array.from(Buffer.from(some));

/**
 * What is read as a transaction stands in the body with exactly these values; what can't be read is a fault with a reason.
 * A well-written body is read whole, whatever its notation.
 */
export const target = fuzzTarget({
  input: fc.oneof(
    fc.record({ kind: fc.constant('written' as const), envelope }),
    fc.record({ kind: fc.constant('bytes' as const), bytes: mutatedText(text).map(bytesOf) }),
    fc.record({ kind: fc.constant('bytes' as const), bytes: mutatedBytes(text.map(bytesOf)) }),
    fc.record({ kind: fc.constant('bytes' as const), bytes: fc.json().map(bytesOf) }),
  ),
  check: (input) => (input.kind === 'written' ? readsAll(input.envelope) : readsExactly(input.bytes)),
  reaches: ['whole', 'read', 'fault'],
});

function readsAll(given: Envelope): string {
  const { transactions, faults } = decodeBody(bytesOf(write(given)), BORN_MS);
  deepStrictEqual(faults, []);
  deepStrictEqual(transactions, sent(given));
  return 'whole';
}

function readsExactly(bytes: Uint8Array): string {
  const { transactions, faults } = decodeBody(bytes, BORN_MS);
  deepStrictEqual(transactions.length + faults.length > 0, true);
  for (const { reason, detail, txNo } of faults) {
    deepStrictEqual(/^[A-Z_]{3,40}$/.test(reason) && detail.length > 0 && detail.length < 1_000, true);
    deepStrictEqual(txNo === undefined || isTxNo(txNo), true);
  }
  if (transactions.length === 0) return 'fault';
  // A byte order mark at the beginning is no part of the text.
  const entries = entriesWithin(new TextDecoder().decode(bytes));
  for (const one of transactions) {
    deepStrictEqual(
      entries.some((entry) => isWrittenAs(entry, one, BORN_MS)),
      true,
      `${one.txNo} with product ${one.productId} does not stand in the body`,
    );
  }
  return 'read';
}

function sent({ entries, isSingle }: Envelope): readonly FlatTransaction[] {
  // Those of fast-check may have no prototype.
  return entries.slice(0, isSingle ? 1 : entries.length).map((entry) => ({ ...entry }));
}

function write(given: Envelope): string {
  const long = NOTATIONS[given.notation] ?? ((value: bigint) => `"${value}"`);
  const short = NOTATIONS[given.notation] ?? String;
  const name = (camel: string) =>
    given.isSnake ? camel.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`) : camel;
  const written = sent(given).map(
    ({ txNo, productId, payCount, createTimeMs }) =>
      `{"${name('productId')}":${long(productId)},"${name('payCount')}":${short(BigInt(payCount))},` +
      `"${name('txNo')}":"${txNo}","${name('createTime')}":${long(BigInt(createTimeMs))}}`,
  );
  return given.isSingle
    ? `{"${name('txMessage')}":${written[0]}}`
    : `{"${name('txMessages')}":[${written.join()}]}`;
}
