import { TxmsgError } from '@txmsg/core';

/** An opaque token for "orders with an id below this". */
export function encodePageToken(before: bigint | undefined): string {
  return before === undefined ? '' : Buffer.from(`v1:${before}`).toString('base64url');
}

/** @throws TxmsgError INVALID_ARGUMENT for anything that `encodePageToken` hasn't made */
export function decodePageToken(token: string): bigint | undefined {
  if (token === '') return undefined;
  const match = /^v1:(\d{1,18})$/.exec(Buffer.from(token, 'base64url').toString('latin1'));
  const before = match?.[1] === undefined ? undefined : BigInt(match[1]);
  if (before === undefined || encodePageToken(before) !== token) {
    const violation = { field: 'page_token', description: 'must be the next_page_token of an earlier page' };
    throw new TxmsgError('INVALID_ARGUMENT', `page_token: ${violation.description}`, {
      fieldViolations: [violation],
    });
  }
  return before;
}
