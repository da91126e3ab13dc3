import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { type BodyFormat, bodyFormat } from './body-format.js';
import { OPENED_BYTES_MAX } from './limits.js';
import type { UnreadableBody } from './types.js';

/** A body as its sender wrote it; or why it can't be opened, with the bytes as they came. */
export interface OpenedBody {
  readonly body: Buffer;
  readonly unreadable?: UnreadableBody;
}

type Unpack = (packed: Uint8Array, options: object) => Promise<Buffer>;

const CHUNK_BYTES = 64 * 1024;
/** 8 MiB: no body within the limit needs more, and a frame's header may ask for 2 GiB. */
const ZSTD_WINDOW_LOG_MAX = 23;

/** Only what this Node can open; its zlib has no LZ4, and zstd since 22.15 and 23.8. */
const UNPACK: Partial<Record<BodyFormat, Unpack>> = {
  ZLIB: promisify(zlib.inflate) as Unpack,
  GZIP: promisify(zlib.gunzip) as Unpack,
  ...('zstdDecompress' in zlib ? { ZSTD: promisify(zlib.zstdDecompress) as Unpack } : {}),
};

/** The body itself when there is nothing to open; undefined when it has to be unpacked (`unpackBody`). */
export function openPlainBody(bytes: Buffer): OpenedBody | undefined {
  if (bytes.length > OPENED_BYTES_MAX) return tooLarge(bytes);
  return bodyFormat(bytes) === 'PLAIN' ? { body: bytes } : undefined;
}

/**
 * Unpacks a body by its real format, off the event loop, to OPENED_BYTES_MAX at most. Nothing beyond that is inflated.
 * Never rejects.
 *
 * @param labelled the sender says that it is compressed; otherwise what can't be unpacked is perhaps a plain body
 */
export async function unpackBody(bytes: Buffer, labelled: boolean): Promise<OpenedBody> {
  const format = bodyFormat(bytes);
  const unpack = UNPACK[format];
  if (!unpack) {
    return unreadable(
      bytes,
      'BODY_FORMAT_UNSUPPORTED',
      `${format} can't be opened here: send it plain, zlib or gzip`,
    );
  }
  try {
    return { body: await unpack(bytes, unpackOptions(format)) };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    if (code === 'ERR_BUFFER_TOO_LARGE') return tooLarge(bytes);
    return labelled ? unreadable(bytes, 'BODY_CORRUPT', `damaged ${format} (${code})`) : { body: bytes };
  }
}

function unpackOptions(format: BodyFormat): object {
  const bounds = { maxOutputLength: OPENED_BYTES_MAX, chunkSize: CHUNK_BYTES };
  if (format !== 'ZSTD') return bounds;
  return { ...bounds, params: { [zlib.constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX } };
}

function tooLarge(bytes: Buffer): OpenedBody {
  const detail = `more than ${OPENED_BYTES_MAX} bytes when it is opened; ${bytes.length} as it came`;
  return unreadable(bytes, 'BODY_TOO_LARGE', detail);
}

function unreadable(body: Buffer, code: UnreadableBody['code'], detail: string): OpenedBody {
  return { body, unreadable: { code, detail } };
}
