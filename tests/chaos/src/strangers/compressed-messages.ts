import { deflateSync, gzipSync } from 'node:zlib';
import { bodyOf, entryOf, type StrangerMaker, type StrangerMessage } from './stranger-message.js';

/** From this size on a Java producer compresses. */
const COMPRESSED_FROM_BYTES = 4_096;

/** Bodies labelled gzip: some are gzip, some are zlib (as Java producers write them), some can't be opened at all. */
export function compressedMessages(maker: StrangerMaker): StrangerMessage[] {
  const truncated = gzipSync(`${maker.marker()} `.repeat(1_000));
  const damaged = deflateSync(Buffer.from(`${maker.marker()} `.repeat(1_000)));
  damaged.fill(0x55, 10, 40);
  const closed = { saysGzip: true, letter: 'always' } as const;
  return [
    large(maker, 'zlib that says gzip, from Java', (text) => deflateSync(text)),
    large(maker, 'gzip', (text) => gzipSync(text)),
    small(maker, 'zlib of a small body', (text) => deflateSync(text)),
    { what: 'text that says gzip', body: Buffer.from(`${maker.marker()} is not gzip`), ...closed },
    { what: 'gzip that is cut off', body: truncated.subarray(0, truncated.length - 20), ...closed },
    { what: 'zlib that is damaged', body: damaged, ...closed },
  ];
}

function large(maker: StrangerMaker, what: string, compress: (text: string) => Buffer): StrangerMessage {
  const must = Array.from({ length: 60 }, () => maker.transaction());
  const text = JSON.stringify({ txMessages: must.map((one) => entryOf(one)) });
  if (text.length < COMPRESSED_FROM_BYTES) throw new RangeError('too small to be compressed');
  return { what, body: compress(text), saysGzip: true, must, letter: 'none' };
}

function small(maker: StrangerMaker, what: string, compress: (text: string) => Buffer): StrangerMessage {
  const transaction = maker.transaction();
  return { what, body: compress(bodyOf(transaction)), saysGzip: true, must: [transaction], letter: 'none' };
}
