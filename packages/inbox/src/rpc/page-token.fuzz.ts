import { deepStrictEqual } from 'node:assert/strict';
import { TxmsgError } from '@txmsg/core';
import { fc, fuzzTarget, mutatedText } from '@txmsg/fuzz';
import { decodePageToken, encodePageToken } from './page-token.js';

const key = fc.bigInt(0n, 2n ** 63n - 1n);
const token = key.map(encodePageToken);
const anyText = fc.string({ maxLength: 30 }).map((text) => Buffer.from(text).toString('base64url'));
const digits = fc.stringMatching(/^\d{1,25}$/).map((text) => Buffer.from(text).toString('base64url'));

/** A token is one that was made here, or INVALID_ARGUMENT. */
export const target = fuzzTarget({
  input: fc.oneof(token, mutatedText(token), anyText, digits, fc.string({ maxLength: 30 })),
  check(given) {
    let after: bigint;
    try {
      after = decodePageToken(given);
    } catch (error) {
      deepStrictEqual(error instanceof TxmsgError && error.code, 'INVALID_ARGUMENT');
      return 'refused';
    }
    if (given === '') deepStrictEqual(after, 0n);
    else deepStrictEqual(encodePageToken(after), given);
    return 'read';
  },
  reaches: ['read', 'refused'],
});
