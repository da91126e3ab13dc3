import { deepStrictEqual } from 'node:assert/strict';
import { TxmsgError } from '@txmsg/core';
import { fc, fuzzTarget, mutatedText } from '@txmsg/fuzz';
import { encodePageToken } from '@txmsg/mysql';
import { readPage } from './page-token.js';

const key = fc.bigInt(0n, 2n ** 63n - 1n);
const token = key.map((last) => encodePageToken(String(last)));
const digits = fc.stringMatching(/^\d{1,25}$/).map((text) => Buffer.from(`v1:${text}`).toString('base64url'));

/** A token is one that was made here, and the page begins after its key; or INVALID_ARGUMENT. */
export const target = fuzzTarget({
  input: fc.oneof(token, mutatedText(token), digits, fc.string({ maxLength: 30 })),
  async check(pageToken) {
    let begin: bigint | undefined;
    const read = async (after: bigint) => {
      begin = after;
      return [];
    };
    try {
      await readPage({ pageSize: 1, pageToken }, read, () => 0n);
    } catch (error) {
      deepStrictEqual(error instanceof TxmsgError && error.code, 'INVALID_ARGUMENT');
      return 'refused';
    }
    if (pageToken === '') deepStrictEqual(begin, 0n);
    else if (!/^v1:0\d/.test(Buffer.from(pageToken, 'base64url').toString()))
      deepStrictEqual(encodePageToken(String(begin)), pageToken);
    return 'read';
  },
  reaches: ['read', 'refused'],
});
