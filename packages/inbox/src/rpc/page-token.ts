import { decodePageToken, encodePageToken } from '@txmsg/mysql';

const DEFAULT_PAGE_SIZE = 50;
const KEY = /^\d{1,19}$/;

/** A page: its rows, and the token of the next one, blank when this is the last. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly nextPageToken: string;
}

/**
 * Reads a page of a list whose keys are numbers: one row more than wanted tells whether there is another.
 *
 * @param read reads up to `limit` rows with keys above `after`, by key
 * @throws TxmsgError INVALID_ARGUMENT for a token that isn't ours
 */
export async function readPage<Row>(
  request: { readonly pageSize: number; readonly pageToken: string },
  read: (after: bigint, limit: number) => Promise<readonly Row[]>,
  keyOf: (row: Row) => bigint,
): Promise<Page<Row>> {
  const size = request.pageSize || DEFAULT_PAGE_SIZE;
  const after = decodePageToken(request.pageToken, (text) => KEY.test(text)) ?? '0';
  const found = await read(BigInt(after), size + 1);
  const rows = found.slice(0, size);
  const last = rows.at(-1);
  return { rows, nextPageToken: found.length > size && last ? encodePageToken(String(keyOf(last))) : '' };
}
