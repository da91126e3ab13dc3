import { deepStrictEqual } from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import { fc, fuzzTarget, mutatedBytes } from '@txmsg/fuzz';
import { decodeHandle, encodeHandle } from './handle.js';

const HEADER_BYTES = 5;
const field = fc.string({
  unit: fc.constantFrom('a', 'Z', '0', '-', ':', '.', 'ä', '😀'),
  minLength: 1,
  maxLength: 40,
});
const handle = fc
  .record({
    topic: field,
    messageId: field,
    transactionId: field,
    endpoints: field,
    preparedTimeMs: fc.oneof(fc.nat(), fc.maxSafeNat()),
  })
  .map((half): Uint8Array => encodeHandle(half));

/** Gives a payload the header of a handle: the checksum keeps no forger away. */
function forged(bytes: Uint8Array): Uint8Array {
  const forgery = Buffer.from(bytes);
  if (forgery.length > HEADER_BYTES) {
    forgery.writeUInt8(1, 0);
    forgery.writeUInt32BE(crc32(forgery.subarray(HEADER_BYTES)), 1);
  }
  return Uint8Array.from(forgery);
}

/** What is read as a handle is one: what it stands for makes the same bytes again. */
export const target = fuzzTarget({
  input: fc.oneof(
    handle,
    mutatedBytes(handle),
    mutatedBytes(handle).map(forged),
    fc.uint8Array({ maxLength: 200 }).map(forged),
  ),
  check(bytes) {
    const half = decodeHandle(bytes);
    if (half === undefined) return 'refused';
    deepStrictEqual(encodeHandle(half).toString('hex'), Buffer.from(bytes).toString('hex'));
    return 'read';
  },
  reaches: ['read', 'refused'],
});
