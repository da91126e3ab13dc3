import { TxmsgError } from '@txmsg/core';

/** A page token stands for the key of the last row of its page; callers must not read it. */
export function encodePageToken(lastKey: bigint): string {
  return Buffer.from(String(lastKey)).toString('base64url');
}

/**
 * The key after which a page begins; 0 for the blank token.
 *
 * @throws TxmsgError INVALID_ARGUMENT for what isn't a token of ours
 */
export function decodePageToken(token: string): bigint {
  if (token === '') return 0n;
  const text = Buffer.from(token, 'base64url').toString('latin1');
  if (/^\d{1,19}$/.test(text)) {
    const lastKey = BigInt(text);
    if (encodePageToken(lastKey) === token) return lastKey;
  }
  const violation = { field: 'page_token', description: 'is not a page token' };
  throw new TxmsgError('INVALID_ARGUMENT', 'page_token: is not a page token', {
    fieldViolations: [violation],
  });
}

const DEFAULT_PAGE_SIZE = 50;

/** A page: its rows, and the token of the next one, blank when this is the last. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly nextPageToken: string;
}

/**
 * Reads a page: one row more than wanted tells whether there is another.
 *
 * @param read reads up to `limit` rows with keys above `after`, by key
 */
export async function readPage<Row>(
  request: { readonly pageSize: number; readonly pageToken: string },
  read: (after: bigint, limit: number) => Promise<readonly Row[]>,
  keyOf: (row: Row) => bigint,
): Promise<Page<Row>> {
  const size = request.pageSize || DEFAULT_PAGE_SIZE;
  const found = await read(decodePageToken(request.pageToken), size + 1);
  const rows = found.slice(0, size);
  const last = rows.at(-1);
  return { rows, nextPageToken: found.length > size && last ? encodePageToken(keyOf(last)) : '' };
}
