import { deepStrictEqual } from 'node:assert/strict';
import { TxmsgError } from '@txmsg/core';
import { fc, fuzzTarget, mutatedText } from '@txmsg/fuzz';
import { decodePageToken, encodePageToken } from '@txmsg/mysql';
import { isOrderId } from './order-service.js';

const id = fc.bigInt(0n, 10n ** 18n - 1n);
const token = id.map((before) => encodePageToken(before.toString()));
const almost = fc
  .tuple(fc.constantFrom('v1:', 'v2:', 'v1', ''), fc.stringMatching(/^\d{1,25}\n?$/))
  .map((parts) => Buffer.from(parts.join('')).toString('base64url'));

/** A token is one that was made here, or INVALID_ARGUMENT. */
export const target = fuzzTarget({
  input: fc.oneof(token, mutatedText(token), almost, fc.string({ maxLength: 30 })),
  check(given) {
    let before: string | undefined;
    try {
      before = decodePageToken(given, isOrderId);
    } catch (error) {
      deepStrictEqual(error instanceof TxmsgError && error.code, 'INVALID_ARGUMENT');
      return 'refused';
    }
    deepStrictEqual(encodePageToken(before), given);
    return 'read';
  },
  reaches: ['read', 'refused'],
});
