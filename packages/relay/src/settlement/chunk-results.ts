import type { TxResult } from '@txmsg/contracts/message';

/** Bytes of one call: a quarter of what a port takes by default. */
const TEXT_BYTES_MAX = 1024 * 1024;
const RESULTS_MAX = 5_000;
/** UTF-8 needs no more for a UTF-16 code unit. */
const BYTES_PER_UNIT = 3;

/** Cuts outcomes into parts, each of which fits one call: 5,000 at most, and about 1 MiB of text. */
export function chunkResults(results: readonly TxResult[]): TxResult[][] {
  const parts: TxResult[][] = [];
  let start = 0;
  let bytes = 0;
  for (const [index, { txNo, reason }] of results.entries()) {
    const more = txNo.length + BYTES_PER_UNIT * reason.length;
    if (index - start === RESULTS_MAX || (index > start && bytes + more > TEXT_BYTES_MAX)) {
      parts.push(results.slice(start, index));
      start = index;
      bytes = 0;
    }
    bytes += more;
  }
  if (start < results.length) parts.push(results.slice(start));
  return parts;
}
