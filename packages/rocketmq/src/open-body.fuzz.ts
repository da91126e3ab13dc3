import { deepStrictEqual } from 'node:assert/strict';
import * as zlib from 'node:zlib';
import { fc, fuzzTarget, mutatedBytes } from '@txmsg/fuzz';
import { OPENED_BYTES_MAX } from './limits.js';
import { type OpenedBody, openPlainBody, unpackBody } from './open-body.js';

const PACK: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  plain: (bytes) => bytes,
  zlib: zlib.deflateSync,
  gzip: zlib.gzipSync,
  ...('zstdCompressSync' in zlib ? { zstd: zlib.zstdCompressSync } : {}),
};
const form = fc.constantFrom(...Object.keys(PACK));
const content = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.constantFrom('{"txMessage":{"productId":"1","payCount":2,"txNo":"a"}}').map((text) => Buffer.from(text)),
);
const packed = fc.tuple(form, content).map(([name, bytes]) => Uint8Array.from(PACK[name]?.(bytes) ?? bytes));
/** The first bytes, by which the format is told, stay. */
const damaged = fc
  .tuple(packed, mutatedBytes(packed))
  .map(([whole, other]) => Uint8Array.from([...whole.slice(0, 4), ...other.slice(4)]));
/** Small when packed: up to three times of what may be opened. */
const bomb = fc
  .tuple(form, fc.constantFrom(0, -1, 1, OPENED_BYTES_MAX, 2 * OPENED_BYTES_MAX))
  .map(([name, more]) => Uint8Array.from(PACK[name]?.(Buffer.alloc(OPENED_BYTES_MAX + more)) ?? []));
const CODES = new Set(['BODY_FORMAT_UNSUPPORTED', 'BODY_CORRUPT', 'BODY_TOO_LARGE']);

/** A body is opened to what was packed, of at most 4 MiB, or is unreadable as it came. It never throws. */
export const target = fuzzTarget({
  input: fc.oneof(
    { weight: 40, arbitrary: fc.record({ kind: fc.constant('packed' as const), form, content }) },
    {
      weight: 60,
      arbitrary: fc.record({ kind: fc.constant('bytes' as const), bytes: mutatedBytes(packed) }),
    },
    { weight: 20, arbitrary: fc.record({ kind: fc.constant('bytes' as const), bytes: damaged }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('bytes' as const), bytes: bomb }) },
  ),
  async check(input) {
    if (input.kind === 'bytes') return holds(Buffer.from(input.bytes));
    // Plain bytes that begin as a packed body do are one.
    if (input.form === 'plain') return holds(Buffer.from(input.content));
    const opened = await open(Buffer.from(PACK[input.form]?.(input.content) ?? []), true);
    deepStrictEqual(opened.unreadable, undefined);
    deepStrictEqual(opened.body.toString('hex'), Buffer.from(input.content).toString('hex'));
    return 'opened';
  },
  reaches: ['opened', 'plain', 'unreadable'],
});

async function holds(bytes: Buffer): Promise<string> {
  const { body, unreadable } = await open(bytes, true);
  if (unreadable) {
    deepStrictEqual(CODES.has(unreadable.code), true);
    deepStrictEqual(unreadable.detail.length < 500, true);
    deepStrictEqual(body, bytes);
    return 'unreadable';
  }
  deepStrictEqual(body.length <= OPENED_BYTES_MAX, true);
  // What isn't labelled is the same or, when it can't be unpacked, as it came.
  const unlabelled = await open(bytes, false);
  deepStrictEqual(unlabelled.body.equals(body), true);
  return body === bytes ? 'plain' : 'opened';
}

async function open(bytes: Buffer, labelled: boolean): Promise<OpenedBody> {
  return openPlainBody(bytes) ?? unpackBody(bytes, labelled);
}
