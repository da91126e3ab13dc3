import { TxmsgError } from '@txmsg/core';

const DESCRIPTION = 'must be the next_page_token of an earlier page';

/** An opaque token for the page that begins after a key. Blank when there is no further page. */
export function encodePageToken(key: string | undefined): string {
  return key === undefined ? '' : Buffer.from(`v1:${key}`).toString('base64url');
}

/**
 * The key after which a page begins. Undefined for the first page.
 *
 * @param isKey says whether a text can be a key of this list
 * @throws TxmsgError INVALID_ARGUMENT for any token that `encodePageToken` didn't make of such a key
 */
export function decodePageToken(token: string, isKey: (text: string) => boolean): string | undefined {
  if (token === '') return undefined;
  const text = Buffer.from(token, 'base64url').toString('latin1');
  const key = text.startsWith('v1:') ? text.slice(3) : undefined;
  if (key !== undefined && isKey(key) && encodePageToken(key) === token) return key;
  throw new TxmsgError('INVALID_ARGUMENT', `page_token: ${DESCRIPTION}`, {
    fieldViolations: [{ field: 'page_token', description: DESCRIPTION }],
  });
}
