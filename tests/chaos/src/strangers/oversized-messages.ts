import { promisify } from 'node:util';
import { deflateRaw } from 'node:zlib';
import { bodyOf, type StrangerMaker, type StrangerMessage } from './stranger-message.js';

/** As many as fit into a body of 3.5 MiB. */
const BAD_ENTRIES = 1_700_000;
const BOMB_BYTES = 512 * 1024 * 1024;
const CRC_AND_SIZE_BYTES = 8;

const compress = promisify(deflateRaw);
let bombContent: Promise<Buffer> | undefined;

/**
 * Messages that cost far more memory than their size: very many entries, and a small body that inflates to half a
 * gigabyte.
 */
export async function oversizedMessages(maker: StrangerMaker): Promise<StrangerMessage[]> {
  const entries = `{"marker":"${maker.marker()}","txMessages":[${'0,'.repeat(BAD_ENTRIES - 1)}0]}`;
  const nested = `{"marker":"${maker.marker()}","txMessages":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
  return [
    { what: `${BAD_ENTRIES} bad entries`, body: Buffer.from(entries), letter: 'always' },
    { what: 'lists in lists', body: Buffer.from(nested), letter: 'always' },
    { what: 'a gzip bomb', body: await bomb(maker.marker()), saysGzip: true, letter: 'always' },
    manyFields(maker),
  ];
}

/** One transaction among very many unknown fields. It is right, but may be refused for its size. */
function manyFields(maker: StrangerMaker): StrangerMessage {
  const transaction = maker.transaction();
  const fields = Array.from({ length: 100_000 }, (_, i) => [`f${i}`, i] as const);
  const body = Buffer.from(bodyOf(transaction, Object.fromEntries(fields)));
  return { what: '100,000 unknown fields', body, may: [transaction], letter: 'unless-applied' };
}

/** A gzip member (RFC 1952) of zeros, with the marker as its file name. */
async function bomb(marker: string): Promise<Buffer> {
  bombContent ??= compress(Buffer.alloc(BOMB_BYTES), { level: 1 });
  const header = Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 0xff]);
  const content = await bombContent;
  return Buffer.concat([header, Buffer.from(`${marker}\0`), content, Buffer.alloc(CRC_AND_SIZE_BYTES)]);
}
